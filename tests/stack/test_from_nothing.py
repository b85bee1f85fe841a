"""What a newcomer does, on a copy of the checkout: run, demo, run again, stop."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from dev.stack import environment

ROOT = Path(__file__).parents[2]
NEWCOMER = "ig-live-newcomer"

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Checkout:
    """A copy of the files that git knows, and who works in it."""

    folder: Path
    account: str | None

    def run(self, *command: str, timeout: float = 900) -> str:
        """Run a command in it; fails with what it said."""
        words = list(command)
        if self.account:
            words = ["runuser", "-u", self.account, "--", *words]
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        done = subprocess.run(
            words,
            cwd=self.folder,
            env={**kept, "HOME": str(self.folder.parent)},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def processes(self) -> list[str]:
        """What runs out of it."""
        listing = subprocess.run(
            ["ps", "-eo", "command="], capture_output=True, text=True, check=True
        ).stdout
        return [line for line in listing.splitlines() if str(self.folder) in line]


def copied(folder: Path, account: str | None) -> Checkout:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for name in tracked.split("\0"):
        if name and (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    if account:
        subprocess.run(["chown", "-R", f"{account}:", str(folder.parent)], check=True)
    return Checkout(folder, account)


@pytest.fixture(params=["oneself", "another under a private home"])
def checkout(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Checkout]:
    account = None
    home = tmp_path
    if request.param != "oneself":
        if os.geteuid() != 0:
            # Only root can become somebody else; the other half of this test was ourselves.
            assert request.param
            yield copied(tmp_path / "checkout", None)
            return
        account = NEWCOMER
        home = Path("/home") / NEWCOMER
        try:
            pwd.getpwnam(NEWCOMER)
        except KeyError:
            subprocess.run(["useradd", "--create-home", NEWCOMER], check=True)
        shutil.rmtree(home / "checkout", ignore_errors=True)
        (home / "checkout").mkdir(parents=True)
        home.chmod(0o700)
    made = copied(home / "checkout", account)
    try:
        yield made
    finally:
        made.run("./dev/run", "reset")
        if account:
            subprocess.run(["userdel", "--remove", account], check=False, capture_output=True)


def test_a_newcomer_runs_the_demo_and_leaves_nothing_behind(checkout: Checkout) -> None:
    checkout.run("./dev/run", "run", "--detach")
    variables = environment.read(checkout.folder / ".local" / "stack.env")
    assert httpx.get(f"{variables['API_URL']}/api/health").status_code == 200

    walked = checkout.run("./dev/run", "demo")
    assert "video_not_found" in walked
    assert "queued" in walked

    assert checkout.run("./dev/run", "token", "bob").count(".") == 2
    assert "stopped" in checkout.run("./dev/run", "stop")
    assert checkout.processes() == []

    began = time.monotonic()
    checkout.run("./dev/run", "run", "--detach")
    assert time.monotonic() - began < 3
    # Killed without a goodbye, it comes back by itself.
    for line in ("dev.imagekit", "-m api"):
        subprocess.run(["pkill", "-9", "-f", f"{checkout.folder}.*{line}"], check=False)
    checkout.run("./dev/run", "run", "--detach")
    checkout.run("./dev/run", "stop")
    assert checkout.processes() == []
