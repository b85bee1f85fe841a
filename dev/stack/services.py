"""The processes of the stack: started apart from the terminal, found again, stopped."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dev.stack import identity
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL, ROOT

START_S = 30.0
STOP_S = 25.0
_children: dict[Path, "subprocess.Popen[bytes]"] = {}
"""Those this process has started and must collect when they end."""


@dataclass(frozen=True)
class Service:
    """One process, known by a file that tells it from any other with its number."""

    name: str
    command: Sequence[str]
    health_url: str

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return LOCAL / "log" / f"{self.name}.log"

    @property
    def mark(self) -> Path:
        """Who it is."""
        return LOCAL / "processes" / f"{self.name}.json"

    def running(self) -> identity.ProcessIdentity | None:
        """Return the process when exactly the one we started still runs."""
        return identity.recall(self.mark)

    def start(self, environment: Mapping[str, str]) -> None:
        """Start it unless it runs."""
        if self.running():
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.mark.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("w") as output:
            process = subprocess.Popen(
                list(self.command),
                cwd=ROOT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Its own session: Ctrl-C is for us, who stop it in order.
                start_new_session=True,
            )
        _children[self.mark] = process
        self._remember_child()

    def _remember_child(self) -> None:
        """Write down who runs, if we have started it and it has not ended."""
        child = _children.get(self.mark)
        if child is not None and child.poll() is None and (found := identity.identify(child.pid)):
            identity.remember(self.mark, found)

    def wait_until_healthy(self) -> None:
        """Return when it answers; StackError with the end of its log when it does not."""
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            # A launcher may become another program at its start: Python does on macOS.
            self._remember_child()
            if not self.running():
                raise StackError(f"{self.name} did not start; {self.log} says:", advice=self._end())
            if _answers(self.health_url):
                return
            time.sleep(0.03)
        raise StackError(f"{self.name} does not answer; {self.log} says:", advice=self._end())

    def is_healthy(self) -> bool:
        """Tell whether it runs and answers."""
        return bool(self.running()) and _answers(self.health_url)

    def _end(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-20:] if self.log.exists() else []
        return "\n".join(f"    {line}" for line in lines)

    def stop(self) -> bool:
        """End it, and tell whether it ran; whoever has its number by now is left alone."""
        process = self.running()
        if process is None:
            self.mark.unlink(missing_ok=True)
            return False
        os.kill(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while process.is_running() and time.monotonic() < deadline:
            self._collect()
            time.sleep(0.03)
        if process.is_running():
            os.kill(process.pid, signal.SIGKILL)
            self._collect()
        self.mark.unlink(missing_ok=True)
        return True

    def _collect(self) -> None:
        """Collect a child of ours that has ended; others are their parents' business."""
        if child := _children.get(self.mark):
            child.poll()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (OSError, ValueError):
        return False
