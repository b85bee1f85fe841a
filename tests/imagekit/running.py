"""A stand-in in a process of its own, as people run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
PUBLIC_KEY, PRIVATE_KEY = "public_test", "private_test_key_" + "of_no_real_account_" * 3
# One client for all tests: making one loads every certificate authority, which takes longer than
# most requests. It keeps no connection open, so that nothing is left over at the end.
HTTP = httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), timeout=60)

STARTED = re.compile(r"ImageKit stand-in on (?P<base>\S+), delivers from (?P<endpoint>\S+),")


def command(data: Path, *arguments: str) -> list[str]:
    """The command that runs a stand-in on a free port."""
    return [sys.executable, "-m", "dev.imagekit", "--port", "0", "--data", str(data), *arguments]


def environment(**more: str) -> dict[str, str]:
    """This process's environment with the test keys."""
    return {
        **os.environ,
        "IMAGEKIT_PUBLIC_KEY": PUBLIC_KEY,
        "IMAGEKIT_PRIVATE_KEY": PRIVATE_KEY,
        **more,
    }


@dataclass(kw_only=True)
class RunningStandIn:
    """Where it answers, and its control plane."""

    data: Path
    base_url: str
    url_endpoint: str
    process: subprocess.Popen[str] = field(repr=False)
    private_key: str = field(repr=False)
    public_key: str = PUBLIC_KEY

    def control(self, method: str, path: str = "", body: Any = None) -> Any:
        """Call the control plane; returns what it says."""
        response = HTTP.request(method, f"{self.base_url}/_standin{path}", json=body)
        response.raise_for_status()
        return response.json() if response.content else None

    def fault(self, path: str, **what: Any) -> None:
        """Let something go wrong with the next requests to ``path``."""
        self.control("POST", "/faults", {"path": path, **what})

    def limit(self, **limits: Any) -> None:
        """Change the plan's limits and the account's switches."""
        self.control("PATCH", "/limits", limits)

    def set_clock(self, offset: float) -> None:
        """Let its clock run ahead by so many seconds."""
        self.control("PUT", "/clock", {"offset": offset})

    def calls(self) -> dict[str, int]:
        """How often each route was called since the last reset."""
        calls: dict[str, int] = self.control("GET")["calls"]
        return calls

    def blobs(self) -> list[Path]:
        """The contents on its disk."""
        return [path for path in (self.data / "blobs").glob("*/*") if path.is_file()]

    def kill(self) -> None:
        """End it the hard way."""
        self.process.kill()
        self.process.wait()


@contextmanager
def running_standin(
    data: Path, *arguments: str, private_key: str = PRIVATE_KEY
) -> Iterator[RunningStandIn]:
    """Run a stand-in that keeps its files in ``data``, until the end of the block."""
    process = subprocess.Popen(
        command(data, *arguments),
        cwd=ROOT,
        env=environment(IMAGEKIT_PRIVATE_KEY=private_key),
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        line = process.stdout.readline()
        started = STARTED.match(line)
        assert started, f"the stand-in did not start: {line!r}"
        try:
            yield RunningStandIn(
                data=data,
                base_url=started["base"],
                url_endpoint=started["endpoint"],
                process=process,
                private_key=private_key,
            )
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
