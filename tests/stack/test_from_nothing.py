"""What a newcomer does, on a copy of the checkout: run, demo, run again, stop."""

from __future__ import annotations

import json
import os
import pty
import select
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from dev.stack import environment, ports

ROOT = Path(__file__).parents[2]
# Of this run alone: another one on the machine has its own.
NEWCOMER = f"newcomer-{os.getpid()}"
SECOND_START_S = 3
ONESELF = "oneself"
ANOTHER = "another under a private home"
# Only root can become somebody else.
WHO = [ONESELF, ANOTHER] if os.geteuid() == 0 else [ONESELF]

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Checkout:
    """A copy of the files that git does not ignore, and who works in it."""

    folder: Path
    account: str | None

    def words(self, *command: str) -> list[str]:
        """The command line that runs a command as who works here."""
        return ["runuser", "-u", self.account, "--", *command] if self.account else [*command]

    def variables(self, **more: str) -> dict[str, str]:
        """What the command sees of the environment."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.folder.parent), **more}

    def run(self, *command: str, **variables: str) -> str:
        """Run a command in it; fails with what it said."""
        done = subprocess.run(
            self.words(*command),
            cwd=self.folder,
            env=self.variables(**variables),
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def stack(self) -> dict[str, str]:
        """The variables that `run` has written."""
        return environment.read(self.folder / ".local" / "stack.env")

    def health(self) -> int:
        """What the API says to the question how it is."""
        return httpx.get(f"{self.stack()['API_URL']}/api/health").status_code

    def serves_the_page(self) -> bool:
        """Tell whether the demo page is there, with the client that npm brings where it is."""
        client = 200 if shutil.which("npm") else 404
        wanted = {"/": 200, "/page/app.js": 200, "/page/supabase.js": client}
        url = self.stack()["API_URL"]
        return {path: httpx.get(url + path).status_code for path in wanted} == wanted

    def tables(self) -> int:
        """What PostgREST behind the API says to the question for videos."""
        return httpx.get(f"{self.stack()['API_URL']}/rest/v1/videos?select=id").status_code

    def pids(self) -> list[int]:
        """The processes of the running stack, by what it wrote down."""
        marks = sorted((self.folder / ".local" / "processes").glob("*.json"))
        with psycopg.connect(self.stack()["ADMIN_DATABASE_URL"]) as connection:
            row = connection.execute("show data_directory").fetchone()
        assert row is not None
        postmaster = Path(row[0], "postmaster.pid").read_text().split()[0]
        return [int(postmaster), *(json.loads(mark.read_text())["pid"] for mark in marks)]

    def is_quiet(self) -> bool:
        """Tell whether nothing listens where the stack did, and nothing runs out of the copy."""
        names = ("API_URL", "DATABASE_URL", "IMAGEKIT_API_BASE")
        used = [urlsplit(self.stack()[name]).port for name in names]
        listing = subprocess.run(
            ["ps", "-eo", "command="], capture_output=True, text=True, check=True
        ).stdout
        return (
            all(port and ports.is_free(port) for port in used) and str(self.folder) not in listing
        )


def copied(folder: Path, account: str | None) -> Checkout:
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for name in tracked.split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
    if account:
        subprocess.run(["chown", "-R", f"{account}:", str(folder.parent)], check=True)
    return Checkout(folder, account)


@pytest.fixture(params=WHO)
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Checkout]:
    account = None
    home = tmp_path
    if request.param == ANOTHER:
        account = NEWCOMER
        home = Path("/home") / NEWCOMER
        subprocess.run(["useradd", "--create-home", NEWCOMER], check=True)
        home.chmod(0o700)
    made = copied(home / "checkout", account)
    try:
        yield made
    finally:
        made.run("./dev/run", "reset")
        if account:
            subprocess.run(["userdel", "--remove", account], check=True, capture_output=True)


def test_a_newcomer_runs_the_demo_and_leaves_nothing_behind(checkout: Checkout) -> None:
    checkout.run("./dev/run", "run", "--detach")
    assert checkout.health() == 200
    assert checkout.serves_the_page()
    assert checkout.tables() == 200

    walked = checkout.run("./dev/run", "demo")
    assert "video_not_found" in walked
    assert "done; the file answers 404" in walked

    assert checkout.run("./dev/run", "token", "bob").count(".") == 2
    owner = checkout.run("./dev/run", "psql", "-Atc", "select current_user").strip()
    assert owner == "postgres"
    assert "stopped" in checkout.run("./dev/run", "stop")
    assert checkout.is_quiet()

    assert any(second_starts(checkout, at_most=4))

    # Killed without a goodbye, all of it comes back by itself.
    for pid in checkout.pids():
        os.kill(pid, signal.SIGKILL)
    checkout.run("./dev/run", "run", "--detach")
    assert checkout.health() == 200
    assert checkout.tables() == 200

    # A running stack takes in what has changed, and another port moves the API alone.
    function = checkout.folder / "db" / "functions" / "public" / "get_video.sql"
    function.write_text(f"{function.read_text()}\n-- changed\n")
    assert "deployed" in checkout.run("./dev/run", "run", "--detach")
    port = str(ports.free_port())
    checkout.run("./dev/run", "run", "--detach", PORT=port)
    assert checkout.stack()["API_URL"].endswith(f":{port}")
    assert checkout.health() == 200
    checkout.run("./dev/run", "stop")
    assert checkout.is_quiet()


def second_starts(checkout: Checkout, *, at_most: int) -> Iterator[bool]:
    """Start again a few times; tells of each start whether it was quick enough.

    The promise is for a machine that has time. One with more to do than cores takes longer by
    as much, whatever is started.
    """
    for attempt in range(at_most):
        if attempt:
            checkout.run("./dev/run", "stop")
        began = time.monotonic()
        checkout.run("./dev/run", "run", "--detach")
        took = time.monotonic() - began
        yield took < SECOND_START_S * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


def followed(checkout: Checkout, *command: str) -> tuple[int, int]:
    """Run a command in a terminal until it follows the logs; gives its pid and the terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(checkout.folder)
        words = checkout.words(*command)
        # A port of its own: whoever starts a stack beside us would take the usual one after us.
        os.execvpe(words[0], words, checkout.variables(PORT=str(ports.free_port())))
    said = b""
    deadline = time.monotonic() + 120
    while b"what it logs" not in said and time.monotonic() < deadline:
        if select.select([terminal], [], [], 1)[0]:
            said += os.read(terminal, 65536)
    assert b"what it logs" in said, said.decode()
    return pid, terminal


def ended_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("how", ["Ctrl-C", "a closed terminal"])
@pytest.mark.parametrize("command", [("./dev/run", "run"), ("make", "run")], ids=" ".join)
def test_whoever_watches_ends_it_by_leaving(
    tmp_path: Path, how: str, command: tuple[str, str]
) -> None:
    checkout = copied(tmp_path / "checkout", None)
    # The packages are not what is tested here: this checkout's will do.
    (checkout.folder / ".local").mkdir()
    (checkout.folder / ".local" / "venv").symlink_to(ROOT / ".local" / "venv")
    try:
        pid, terminal = followed(checkout, *command)
        if how == "Ctrl-C":
            os.write(terminal, b"\x03")
        else:
            os.close(terminal)
        assert ended_within(pid, 30)
        # With make, we end a moment after it.
        deadline = time.monotonic() + 10
        while not checkout.is_quiet() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert checkout.is_quiet()
    finally:
        checkout.run("./dev/run", "reset")
