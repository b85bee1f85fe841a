"""Runs pgbench and reads its log of single transactions."""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.servers import as_admin
from dev.stack import binaries
from dev.stack.errors import StackError
from tests.support.server import LOGINS, OWNER, Database

ANON, USER = LOGINS["anon"], LOGINS["user"]
__all__ = ["ANON", "OWNER", "USER"]

APPLICATION = "bench"
# A storm may take longer than a client's patience; it is the storm that is measured.
SESSION = "-c statement_timeout=0"
THREADS = 2


@dataclass(frozen=True)
class Target:
    """Where a script runs, and as whom."""

    database: Database
    role: str


@dataclass(frozen=True)
class Transaction:
    """One line of pgbench's log."""

    ended_at: float
    milliseconds: float


@dataclass(frozen=True)
class Run:
    """What one run of pgbench brought."""

    transactions: Sequence[Transaction]
    per_second: float
    failures: Mapping[str, int]

    @cached_property
    def sorted_ms(self) -> list[float]:
        """All durations, the shortest first."""
        return sorted(one.milliseconds for one in self.transactions)

    @property
    def p50(self) -> float:
        """Half of the transactions took no longer, in ms."""
        return percentile(self.sorted_ms, 50)

    @property
    def p99(self) -> float:
        """All but one in a hundred took no longer, in ms."""
        return percentile(self.sorted_ms, 99)

    @property
    def worst(self) -> float:
        """The longest, in ms."""
        return self.sorted_ms[-1] if self.sorted_ms else 0.0

    @property
    def tried(self) -> int:
        """Transactions, failed ones too."""
        return len(self.transactions) + sum(self.failures.values())


@dataclass(frozen=True)
class Median:
    """The middle of several runs of the same thing, figure by figure."""

    per_second: float
    p50: float
    p99: float

    @staticmethod
    def of(runs: Sequence[Run]) -> Median:
        """Return the medians."""
        return Median(
            statistics.median(run.per_second for run in runs),
            statistics.median(run.p50 for run in runs),
            statistics.median(run.p99 for run in runs),
        )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """Return the smallest of the `ordered` values that `percent` of them do not exceed."""
    if not ordered:
        return 0.0
    rank = -(-len(ordered) * percent // 100)  # rounded up
    return ordered[max(int(rank), 1) - 1]


def program() -> Path:
    """Return pgbench: the server's own, or another's, which speaks to it as well."""
    folders = [server.folder for server in binaries.installed()]
    folders += [found for pattern in binaries.PLACES for found in Path("/").glob(pattern[1:])]
    for folder in folders:
        if (folder / "pgbench").exists():
            return folder / "pgbench"
    if found := shutil.which("pgbench"):
        return Path(found)
    raise StackError("pgbench is not installed.", advice="Debian: apt-get install postgresql-15.")


def run(
    target: Target,
    scripts: Mapping[str, int],
    *,
    clients: int,
    seconds: float | None = None,
    transactions: int | None = None,
) -> Run:
    """Run scripts, each with its weight, for some seconds or so many times a client."""
    length = ["-T", str(max(1, round(seconds)))] if seconds else ["-t", str(transactions or 1)]
    with _started(target, scripts, clients, length) as (running, folder):
        output, _ = running.communicate()
        if running.returncode:
            raise StackError(f"pgbench failed ({running.returncode}):", advice=_tail(output))
        return _read(output, folder)


class Live:
    """Traffic that goes on until it is stopped."""

    def __init__(self, running: subprocess.Popen[str], folder: Path, target: Target) -> None:
        self._running = running
        self._folder = folder
        self._target = target
        self.run: Run | None = None

    def stop(self) -> Run:
        """End it and return what it brought.

        Killed, pgbench would leave the end of its log unwritten. So its sessions are ended.
        """
        with as_admin(self._target.database) as admin:
            while self._running.poll() is None:
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = %s and datname = %s",
                    [APPLICATION, self._target.database.name],
                )
                time.sleep(0.05)
        output, _ = self._running.communicate()
        unexpected = [
            line
            for line in output.splitlines()
            if "ERROR:" in line and "terminating connection" not in line
        ]
        if unexpected:
            raise StackError("The live traffic failed:", advice="\n".join(unexpected[:5]))
        return _read(output, self._folder)


@contextmanager
def live(
    target: Target, scripts: Mapping[str, int], *, clients: int, per_second: int
) -> Iterator[Live]:
    """Run scripts at a pace beside whatever is done in the block.

    A transaction's time then counts from the moment it was due: who had to queue waits too.
    """
    length = ["-T", "86400", f"--rate={per_second}"]
    with _started(target, scripts, clients, length) as (running, folder):
        yield Live(running, folder, target)


@contextmanager
def _started(
    target: Target, scripts: Mapping[str, int], clients: int, length: Sequence[str]
) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    cluster = target.database.server.cluster
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        files = []
        for number, (script, weight) in enumerate(scripts.items()):
            path = folder / f"{number}.pgbench"
            path.write_text(script, encoding="utf-8")
            files += ["-f", f"{path}@{weight}"]
        command = [
            *(str(program()), "--no-vacuum", "--protocol=prepared"),
            *("-h", str(cluster.sockets), "-p", str(cluster.port), "-U", target.role),
            *("-c", str(clients), "-j", str(min(clients, THREADS))),
            *("--log", f"--log-prefix={folder / 'log'}", "--failures-detailed"),
            *(*length, *files, target.database.name),
        ]
        running = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={
                **cluster.binaries.child_environment(),
                "PGOPTIONS": SESSION,
                "PGAPPNAME": APPLICATION,
            },
        )
        try:
            yield running, folder
        finally:
            if running.poll() is None:
                running.kill()
            running.wait()
            if running.stdout:
                running.stdout.close()


def _read(output: str, folder: Path) -> Run:
    transactions: list[Transaction] = []
    failures: Counter[str] = Counter()
    for path in sorted(folder.glob("log.*")):
        found, failed = read_log(path.read_text(encoding="utf-8"))
        transactions += found
        failures += failed
    if not transactions and not failures:
        raise StackError("pgbench did nothing:", advice=_tail(output))
    match = re.search(r"^tps = ([\d.]+)", output, re.MULTILINE)
    return Run(transactions, float(match[1]) if match else 0.0, failures)


def read_log(text: str) -> tuple[list[Transaction], Counter[str]]:
    """Return the transactions of a log and how many failed of what."""
    transactions: list[Transaction] = []
    failures: Counter[str] = Counter()
    for line in text.splitlines():
        words = line.split()
        # client, number, microseconds (or why it failed), script, and when: seconds, microseconds
        if len(words) < 6:
            continue
        if words[2].isdigit():
            ended_at = int(words[4]) + int(words[5]) / 1e6
            transactions.append(Transaction(ended_at, int(words[2]) / 1000))
        else:
            failures[words[2]] += 1
    return transactions, failures


def _tail(output: str) -> str:
    lines = output.splitlines()
    told = [line for line in lines if "ERROR:" in line or line.startswith("pgbench: error")]
    return "\n".join(told[:4] or lines[-8:])
