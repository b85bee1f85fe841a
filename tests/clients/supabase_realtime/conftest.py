"""The clients, installed once in the versions named here, and how to talk to a running one."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dev.stack import paths
from tests.realtime.conftest import anon_key, may_listen, send, topics

__all__ = ["anon_key", "may_listen", "send", "topics"]

HERE = Path(__file__).parent
HOME = "clients-realtime"
SUPABASE_PY = "supabase==2.34.1"
# Clients wait 1, 2, 5 and 10 s before they connect or join again.
PATIENCE_S = 30.0


@dataclass
class App:
    """An app that runs as a process of its own."""

    process: subprocess.Popen[str]
    _said: queue.Queue[Any] = field(default_factory=queue.Queue)

    def __post_init__(self) -> None:
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(json.loads(line))

    def do(self, what: str, **how: Any) -> None:
        """Tell it what to do."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **how}) + "\n")
        self.process.stdin.flush()

    def subscribe(self, topic: str, *, private: bool = True) -> None:
        """Have it join a topic, which must work."""
        self.do("subscribe", topic=topic, isPrivate=private)
        self.until(topic, status="SUBSCRIBED")

    def until(self, topic: str, timeout: float = PATIENCE_S, **wanted: Any) -> dict[str, Any]:
        """Wait until it tells that, whatever it tells before."""
        heard: list[Any] = []
        deadline = time.monotonic() + timeout
        while True:
            try:
                said = self._said.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"{wanted} of {topic} did not come, but {heard}")
            heard.append(said)
            if wanted.items() <= said.items() and said["topic"] == topic:
                return dict(said)

    def hears_nothing(self, seconds: float = 1.0) -> bool:
        """Tell whether no message comes for a moment."""
        time.sleep(seconds)
        heard = []
        while not self._said.empty():
            heard.append(self._said.get())
        return not [said for said in heard if "event" in said]


@pytest.fixture(scope="session")
def javascript_packages() -> Path:
    """supabase-js in the versions that package.json names."""
    home = paths.local_folder(HOME)
    wanted = (HERE / "package.json").read_text()
    installed = home / "installed.json"
    if not installed.exists() or installed.read_text() != wanted:
        (home / "package.json").write_text(wanted)
        options = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(
            ["npm", "install", *options], cwd=home, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        installed.write_text(wanted)
    return home


@pytest.fixture(scope="session")
def python_packages() -> Path:
    """A folder with supabase-py and all that it needs, apart from what the project needs."""
    home = paths.local_folder(HOME) / SUPABASE_PY
    if not (home / "supabase").exists():
        options = ["--quiet", "--target", str(home)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, SUPABASE_PY], check=True)
    return home


RunApp = Callable[..., App]


@pytest.fixture(
    params=["supabase-js-2.49", "supabase-js-2.109", "supabase-js-2.119", "supabase-py"]
)
def run_app(request: pytest.FixtureRequest, anon_key: str, topics: None) -> Iterator[RunApp]:
    """Run an app against the API at an address."""
    if request.param == "supabase-py":
        packages = request.getfixturevalue("python_packages")
        command = [sys.executable, str(HERE / "live.py")]
        variables = {"PYTHONPATH": str(packages)}
    else:
        packages = request.getfixturevalue("javascript_packages")
        command = ["node", str(HERE / "live.mjs")]
        variables = {"CLIENTS": str(packages), "PACKAGE": request.param}
    variables |= {"PATH": os.environ["PATH"], "SUPABASE_ANON_KEY": anon_key}
    with ExitStack() as stack:

        def run(url: str) -> App:
            return stack.enter_context(_running(command, {**variables, "SUPABASE_URL": url}))

        yield run


@contextmanager
def _running(command: list[str], variables: dict[str, str]) -> Iterator[App]:
    with subprocess.Popen(
        command, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield App(process)
        finally:
            process.kill()
