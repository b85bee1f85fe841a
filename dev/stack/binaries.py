"""Finds the programs of a PostgreSQL server on this machine."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from dev.stack.errors import StackError
from dev.stack.paths import LOCAL

OLDEST_MAJOR = 15
WANTED_EXTENSIONS = ("pg_cron", "pgtap", "plpgsql_check", "pg_stat_statements")
DOWNLOADED = LOCAL / "postgres"
"""Where a server unpacked from downloaded packages lives."""

PLACES = (
    "/usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "/usr/pgsql-*/bin",  # Fedora and its kin
    "/opt/homebrew/opt/postgresql@*/bin",  # Homebrew on Apple silicon
    "/usr/local/opt/postgresql@*/bin",  # Homebrew on Intel
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/usr/lib/postgresql/bin",  # Arch
    "/usr/bin",
)


@dataclass(frozen=True)
class Binaries:
    """One installed server: its programs and what lies beside them."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict, compare=False)

    @cached_property
    def version(self) -> str:
        """The full version, such as 15.18."""
        command = [str(self.folder / "postgres"), "--version"]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=self.child_environment()
        )
        found = re.search(r"\d+(\.\d+)*", done.stdout)
        return found[0] if found else "0"

    @property
    def major(self) -> int:
        """The major version."""
        return int(self.version.split(".")[0])

    @cached_property
    def share(self) -> Path:
        """The folder whose `extension` has the control files."""
        # Debian's pg_config answers for its own place, even when the tree was unpacked elsewhere.
        beside = [
            self.folder.parent / "share" / "postgresql",
            self.folder.parent / "share",
            *(up / "share" / "postgresql" / str(self.major) for up in self.folder.parents),
        ]
        for share in beside:
            if (share / "extension" / "plpgsql.control").exists():
                return share
        command = [str(self.folder / "pg_config"), "--sharedir"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return Path(done.stdout.strip())

    @cached_property
    def psql(self) -> Path | None:
        """The client that came with the server, or the one on the PATH."""
        own = self.folder / "psql"
        if own.exists():
            return own
        found = shutil.which("psql")
        return Path(found) if found else None

    def has(self, extension: str) -> bool:
        """Tell whether the server can `create extension`."""
        return (self.share / "extension" / f"{extension}.control").exists()

    def missing(self) -> list[str]:
        """Name the extensions we want that are not there."""
        return [name for name in WANTED_EXTENSIONS if not self.has(name)]

    def child_environment(self) -> dict[str, str]:
        """Return the environment to start a program in; no libpq setting leaks into it."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {**inherited, **self.environment}


def _candidates() -> Iterator[Path]:
    for pattern in PLACES:
        yield from Path("/").glob(pattern.removeprefix("/"))
    for program in ("postgres", "pg_config"):
        if found := shutil.which(program):
            yield Path(found).resolve().parent


def _is_server(folder: Path) -> bool:
    # A client library's pg_config lies about with no server beside it.
    return all((folder / program).exists() for program in ("initdb", "pg_ctl", "postgres"))


def downloaded_binaries() -> Binaries | None:
    """Return the server unpacked below `.local`, when there is one."""
    for folder in sorted(DOWNLOADED.glob("usr/lib/postgresql/*/bin")):
        libraries = sorted({str(path.parent) for path in DOWNLOADED.glob("usr/lib/*/libpq.so.5")})
        environment = {"LD_LIBRARY_PATH": ":".join(libraries)} if libraries else {}
        if _is_server(folder):
            return Binaries(folder, environment)
    return None


def installed() -> list[Binaries]:
    """Return every usable server, the best first: all extensions, then the newest."""
    if chosen := os.environ.get("PG_BINDIR"):
        if not _is_server(Path(chosen)):
            raise StackError(f"PG_BINDIR={chosen} has no PostgreSQL server in it.")
        return [Binaries(Path(chosen))]
    folders = dict.fromkeys(folder for folder in _candidates() if _is_server(folder))
    servers = [Binaries(folder) for folder in folders]
    if unpacked := downloaded_binaries():
        servers.append(unpacked)
    usable = [server for server in servers if server.major >= OLDEST_MAJOR]
    return sorted(usable, key=lambda server: (len(server.missing()), -server.major))
