"""The checks: linters beside the tests, and the suite on other versions of Postgres."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from dev.stack import browser, embedded, packages, postgrest, virtualenv
from dev.stack.lock import alone
from dev.stack.paths import ROOT

BIN = virtualenv.FOLDER / "bin"
# Half the suite waits for servers: on two cores three processes take 150 s, two 220 s. Each
# has a Postgres of its own, so more than six would gain less than their servers cost.
PROCESSES = min((os.cpu_count() or 1) + 1, 6)
SQL_FOLDERS = ("bench", "db", "dev", "tests")


@dataclass(frozen=True)
class Check:
    """One program that says yes or no."""

    title: str
    command: Sequence[str]


@dataclass(frozen=True)
class Outcome:
    """What it said."""

    title: str
    passed: bool
    seconds: float
    output: str = ""


def linters() -> list[Check]:
    """The programs that read the code, quick ones first."""
    migrations = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("db/migrations/*.sql"))
    return [
        Check("ruff", [str(BIN / "ruff"), "check", "--quiet", "."]),
        Check("ruff format", [str(BIN / "ruff"), "format", "--quiet", "--check", "."]),
        Check("squawk", [str(BIN / "squawk"), "--config", ".squawk.toml", *migrations]),
        Check("mypy", [str(BIN / "mypy")]),
        Check("sqlfluff", [str(BIN / "sqlfluff"), "lint", "-q", *SQL_FOLDERS]),
    ]


def _run(check: Check) -> Outcome:
    began = time.monotonic()
    done = subprocess.run(
        list(check.command),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    took = time.monotonic() - began
    return Outcome(check.title, done.returncode == 0, took, done.stdout)


def lint() -> bool:
    """Run every linter, print what each found, and tell whether all passed."""
    virtualenv.ensure(virtualenv.DEVELOPMENT)
    outcomes = [_run(check) for check in linters()]
    _print_outcomes(outcomes)
    return all(outcome.passed for outcome in outcomes)


def format_code() -> bool:
    """Let the formatters change what they can."""
    virtualenv.ensure(virtualenv.DEVELOPMENT)
    commands = (
        [str(BIN / "ruff"), "check", "--fix", "--quiet", "."],
        [str(BIN / "ruff"), "format", "--quiet", "."],
        [str(BIN / "sqlfluff"), "fix", "-q", *SQL_FOLDERS],
    )
    results = [subprocess.run(command, cwd=ROOT, check=False).returncode for command in commands]
    return not any(results)


def pytest(title: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Outcome:
    """Run the tests where everybody can watch."""
    print(f"\n== {title} ==", flush=True)
    began = time.monotonic()
    running = subprocess.Popen(
        [str(virtualenv.PYTHON), "-m", "pytest", "-q", *arguments],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        # Out of Ctrl-C's reach: a second one would cut its cleaning up short.
        start_new_session=True,
    )
    try:
        passed = running.wait() == 0
    except KeyboardInterrupt:
        running.send_signal(signal.SIGINT)
        running.wait()
        raise
    return Outcome(title, passed, time.monotonic() - began)


def whole_suite(
    title: str, *arguments: str, environment: Mapping[str, str] | None = None
) -> Outcome:
    """Run every test that is not slow, shared out by file among processes."""
    shared = ("-n", str(PROCESSES), "--dist", "loadfile")
    return pytest(title, *shared, *arguments, environment=environment)


def mutants() -> Outcome:
    """Take the database's rules away one at a time, where everybody can watch."""
    print("\n== mutants ==", flush=True)
    began = time.monotonic()
    command = [str(virtualenv.PYTHON), "-m", "tests.mutation"]
    done = subprocess.run(command, cwd=ROOT, check=False)
    return Outcome("mutants", done.returncode == 0, time.monotonic() - began)


def _prepare() -> None:
    with alone():
        # The tests look into the history, and at the Makefile.
        packages.ensure("git", "make")
        virtualenv.ensure(virtualenv.DEVELOPMENT)


def test(*arguments: str) -> bool:
    """Run every rule once, the linters beside the tests, then the summary."""
    _prepare()
    with ThreadPoolExecutor(max_workers=1) as pool:
        linted: list[Future[Outcome]] = [pool.submit(_run, check) for check in linters()]
        if arguments:
            # A part of the suite covers a part of the SQL, which is no fault.
            tested = pytest("tests", *arguments)
        else:
            tested = whole_suite("tests", "--plpgsql-coverage")
        outcomes = [*(future.result() for future in linted), tested]
    _print_outcomes(outcomes)
    return all(outcome.passed for outcome in outcomes)


def test_all() -> bool:
    """Run `test`, the slow tests, and the suite on the other versions of Postgres."""
    _prepare()
    # Before anything runs: what cannot be had is better known now than in five minutes.
    packages.ensure("npm", *browser.missing())
    postgrest.fetched()
    servers = {major: embedded.binaries_of(major) for major in embedded.MAJORS}
    passed = test()
    outcomes = [pytest("slow tests", "-m", "slow"), mutants()]
    for major, folder in servers.items():
        outcomes.append(
            whole_suite(f"tests on Postgres {major}", environment={"PG_BINDIR": str(folder)})
        )
    _print_outcomes(outcomes)
    return passed and all(outcome.passed for outcome in outcomes)


def _print_outcomes(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if not outcome.passed and outcome.output:
            print(f"\n== {outcome.title} ==\n{outcome.output.rstrip()}", flush=True)
    print()
    for outcome in outcomes:
        verdict = "passed" if outcome.passed else "FAILED"
        print(f"  {outcome.title:<24} {verdict} ({outcome.seconds:.1f} s)", flush=True)
