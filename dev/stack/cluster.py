"""One private PostgreSQL cluster: made, started, asked and stopped."""

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from dev.stack import accounts, identity, ports
from dev.stack.binaries import Binaries
from dev.stack.errors import StackError
from dev.stack.paths import write_private

SUPERUSER = "supabase_admin"
"""The bootstrap superuser, as on Supabase; nobody works as it."""

DATABASE = "postgres"
LONGEST_SOCKET_FOLDER = 80  # a socket's whole path has room for some 104 bytes
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")  # macOS has no C.UTF-8
START_ATTEMPTS = 3
UNREAPED_S = 15
PRELOADED = ("pg_cron", "pg_stat_statements", "plpgsql_check")


class Cluster:
    """A cluster whose own files (password, port) are in `home`, its data there or near.

    As root the server runs as the account `postgres`; when that account cannot reach `home`
    (a checkout under a private folder) the data goes to `/var/lib/postgresql`.
    """

    def __init__(
        self,
        home: Path,
        binaries: Binaries,
        *,
        settings: Mapping[str, str] | None = None,
        port: int | None = None,
    ) -> None:
        self.home = home
        self.binaries = binaries
        self.settings = dict(settings or {})
        self.account = accounts.server_account()
        self.folder = accounts.reachable_folder(home, self.account, Path("/var/lib/postgresql"))
        self.data = self.folder / "data"
        self.log = self.folder / "postgres.log"
        self.port = port if port is not None else ports.kept_port(home / "port")
        self.sockets = self._socket_folder()
        self._password_is_lost = False

    def _socket_folder(self) -> Path:
        if len(str(self.folder)) <= LONGEST_SOCKET_FOLDER:
            return self.folder
        digest = sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"pg-{digest}"

    @property
    def password(self) -> str:
        """The superuser's password for TCP; the socket's folder needs none, only its owner."""
        return (self.home / "password").read_text(encoding="ascii").strip()

    def url(self, user: str, password: str, database: str = DATABASE) -> str:
        """Return a connection address over TCP."""
        return f"postgresql://{user}:{password}@{ports.HOST}:{self.port}/{database}"

    def admin_url(self, database: str = DATABASE) -> str:
        """Return the superuser's connection address."""
        return self.url(SUPERUSER, self.password, database)

    def exists(self) -> bool:
        """Tell whether there is a cluster already."""
        return (self.data / "PG_VERSION").exists()

    def create(self) -> None:
        """Make the cluster; one that is there already stays, if this server can read it."""
        if self.exists():
            self._check_version()
            # The data outlives a deleted `.local` when it had to be kept elsewhere.
            self._password_is_lost = not (self.home / "password").exists()
            if self._password_is_lost:
                write_private(self.home / "password", secrets.token_urlsafe(24))
            return
        self.home.mkdir(parents=True, exist_ok=True)
        accounts.give(self.folder, self.account)
        write_private(self.home / "password", secrets.token_urlsafe(24))
        # The server's account reads the password once, from its own private folder.
        handed = self.folder / "first-password"
        write_private(handed, self.password)
        if self.account is not None:
            shutil.chown(handed, self.account)
        try:
            self._initdb(handed)
        finally:
            handed.unlink()

    def _initdb(self, password_file: Path) -> None:
        refusals = []
        for locale in LOCALES:
            done = self._run(
                "initdb",
                f"--pgdata={self.data}",
                f"--username={SUPERUSER}",
                "--encoding=UTF8",
                f"--locale={locale}",
                "--auth-local=trust",
                "--auth-host=scram-sha-256",
                f"--pwfile={password_file}",
                "--no-sync",
                "--no-instructions",
            )
            if done.returncode == 0:
                return
            refusals.append(done.stderr.strip())
        message = f"A new cluster could not be made in {self.data}:"
        raise StackError(message, advice="\n".join(refusals))

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if made_by != str(self.binaries.major):
            message = f"{self.data} was made by PostgreSQL {made_by}, not {self.binaries.major}."
            advice = "`make reset` starts over; PG_BINDIR=<its bin folder> uses the old server."
            raise StackError(message, advice=advice)

    def start(self) -> None:
        """Start the server and wait until it answers; nothing to do when it does."""
        if not self.is_running():
            # One that runs and does not answer here was started on another port.
            self.stop()
            self._start()
        if self._password_is_lost:
            self.execute(f"alter role {SUPERUSER} password '{self.password}'")
            self._password_is_lost = False

    def _start(self) -> None:
        self._wait_for_the_dead()
        accounts.give(self.sockets, self.account)
        self._write_settings()
        for attempt in range(START_ATTEMPTS):
            done = self._run(
                "pg_ctl", f"--pgdata={self.data}", f"--log={self.log}", "--timeout=60", "start"
            )
            if done.returncode == 0 and self.is_running():
                return
            # After a kill the last backends take a moment to notice and let go.
            time.sleep(0.3 * (attempt + 1))
        raise StackError(
            f"PostgreSQL did not start. The end of {self.log}:", advice=self._log_end()
        )

    def _wait_for_the_dead(self) -> None:
        """Wait for a killed server whose parent has not yet noticed: PostgreSQL thinks it lives."""
        deadline = time.monotonic() + UNREAPED_S
        while identity.is_unreaped(self._written_pid()) and time.monotonic() < deadline:
            time.sleep(0.05)

    def _log_end(self) -> str:
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        except OSError as problem:
            return str(problem)

    def _write_settings(self) -> None:
        preload = ["plpgsql", *(name for name in PRELOADED if self.binaries.has(name))]
        values = {
            "listen_addresses": ports.HOST,
            "port": str(self.port),
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "shared_preload_libraries": ",".join(preload),
            "max_connections": "100",
            "max_worker_processes": "20",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "track_functions": "all",
            "log_line_prefix": "%m [%p] %q%u@%d ",
        }
        if self.binaries.has("pg_cron"):
            values["cron.database_name"] = DATABASE
            # Without this a job logs in over TCP, and every role but the superuser is refused.
            values["cron.use_background_workers"] = "on"
        values |= self.settings
        lines = [f"{name} = '{value}'" for name, value in values.items()]
        path = self.data / "stack.conf"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        main = self.data / "postgresql.conf"
        if "stack.conf" not in main.read_text(encoding="utf-8"):
            with main.open("a", encoding="utf-8") as file:
                file.write("include_if_exists = 'stack.conf'\n")
        if self.account is not None:
            shutil.chown(path, self.account)

    def postmaster(self) -> identity.ProcessIdentity | None:
        """Return the process that serves this cluster, when there is one."""
        found = identity.identify(self._written_pid())
        # After a crash the number may be somebody else's; ours names its data folder.
        return found if found and str(self.data) in found.command else None

    def _written_pid(self) -> int:
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return 0

    def is_running(self) -> bool:
        """Tell whether the server takes connections; the pid file alone outlives a kill."""
        if self.postmaster() is None:
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(2)
            return probe.connect_ex(str(self.sockets / f".s.PGSQL.{self.port}")) == 0

    def stop(self, *, mode: str = "fast") -> bool:
        """Stop the server and tell whether it was running."""
        if self.postmaster() is None:
            return False
        self._run("pg_ctl", f"--pgdata={self.data}", f"--mode={mode}", "--timeout=60", "stop")
        return True

    def remove(self) -> None:
        """Stop the server and delete the cluster with everything in it."""
        self.stop(mode="immediate")
        for folder in {self.folder, self.sockets, self.home}:
            shutil.rmtree(folder, ignore_errors=True)

    def psql(self, *arguments: str, user: str = SUPERUSER, database: str = DATABASE) -> list[str]:
        """Return the command line of psql over the private socket."""
        if self.binaries.psql is None:
            raise StackError("psql is not installed.", advice="Debian: postgresql-client.")
        target = ["-h", str(self.sockets), "-p", str(self.port), "-U", user, "-d", database]
        return [str(self.binaries.psql), "--no-psqlrc", *target, *arguments]

    def execute(self, sql: str, *, user: str = SUPERUSER, database: str = DATABASE) -> str:
        """Run statements through psql in one transaction and return what they print."""
        command = self.psql(
            "-qAt", "-v", "ON_ERROR_STOP=1", "--single-transaction", user=user, database=database
        )
        done = subprocess.run(
            command,
            input=sql,
            capture_output=True,
            text=True,
            check=False,
            env=self.binaries.child_environment(),
        )
        if done.returncode:
            raise StackError("The database refused a statement:", advice=done.stderr.strip())
        return done.stdout

    def _run(self, program: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        # The server keeps whatever it is given as output open, so pipes are not for pg_ctl.
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [
                    *accounts.as_account(self.account),
                    str(self.binaries.folder / program),
                    *arguments,
                ],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                env={**self.binaries.child_environment(), "LC_ALL": os.environ.get("LC_ALL", "C")},
            )
            output.seek(0)
            text = output.read()
        return subprocess.CompletedProcess(done.args, done.returncode, text, text)
