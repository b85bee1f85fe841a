"""Which statements and branches of the database's plpgsql functions the suite has run.

The test cluster keeps count (plpgsql_check's profiler, in shared memory, so a rollback
takes nothing back). Every database a test used is read once, before it is dropped, with
`collect`; the counts of one function in several databases are added up. At the end of a
run with `--plpgsql-coverage` the result is printed, and a function with less than 90 % of
its statements run fails the run. Where several processes share the tests, each hands what it
has counted to the one that prints.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.rows import class_row

FUNCTIONS = Path(__file__).parents[2] / "db" / "functions"
REQUIRED = 0.90

# A body that was replaced while a test ran is another function than the one on disk.
STATEMENTS = """
select
    n.nspname as schema,
    p.proname as name,
    pg_catalog.oidvectortypes(p.proargtypes) as arguments,
    p.prosrc as source,
    s.stmtid as id,
    s.parent_stmtid as parent_id,
    s.parent_note as branch,
    s.block_num as position,
    s.lineno as line,
    s.exec_stmts as runs,
    s.stmtname as kind
from pg_catalog.pg_proc as p
inner join pg_catalog.pg_namespace as n on p.pronamespace = n.oid
inner join pg_catalog.pg_language as l on p.prolang = l.oid
cross join lateral extensions.plpgsql_profiler_function_statements_tb(p.oid) as s
where
    n.nspname in ('public', 'private', 'ops')
    and l.lanname = 'plpgsql'
    -- The return that plpgsql adds at the end of a body has no line.
    and s.lineno > 0
"""


class Counted(NamedTuple):
    """One statement of a function, with everything it is known by; in plain values."""

    schema: str
    name: str
    arguments: str
    source: str
    id: int
    parent_id: int | None
    branch: str | None
    position: int
    line: int
    runs: int
    kind: str


@dataclass
class Statement:
    """One statement of a body, and how often it ran."""

    parent_id: int | None
    branch: str
    position: int
    line: int
    kind: str
    runs: int = 0


@dataclass
class Function:
    """One plpgsql function, as it was when its statements were counted."""

    schema: str
    name: str
    arguments: str
    source: str
    statements: dict[int, Statement] = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """Its name with argument types, as psql prints it."""
        return f"{self.schema}.{self.name}({self.arguments})"

    @property
    def covered(self) -> float:
        """The share of statements that ran."""
        ran = sum(statement.runs > 0 for statement in self.statements.values())
        return ran / len(self.statements) if self.statements else 1.0

    def missed(self) -> Iterator[tuple[int, str]]:
        """Lines of the source whose statement never ran, and their text."""
        text = self.source.splitlines()
        for line in sorted({s.line for s in self.statements.values() if not s.runs}):
            yield line, text[line - 1].strip()

    def branches(self) -> tuple[int, int]:
        """How many branches were taken, of how many.

        A branch is a body that may or may not run: of an if, a case, a loop, an exception
        handler. An if without an else has one more: to pass it by.
        """
        runs: dict[tuple[int, str], int] = {}
        for statement in self.statements.values():
            opens_branch = statement.position == 1 and statement.branch not in ("", "body")
            if statement.parent_id is not None and opens_branch:
                runs[statement.parent_id, statement.branch] = statement.runs
        for id_, statement in self.statements.items():
            own = {branch: n for (parent, branch), n in runs.items() if parent == id_}
            if statement.kind == "IF" and "else body" not in own:
                runs[id_, "passed by"] = statement.runs - sum(own.values())
        return sum(n > 0 for n in runs.values()), len(runs)


class Coverage:
    """The counts of every database seen in this run."""

    def __init__(self) -> None:
        self._functions: dict[tuple[str, str, str, str], Function] = {}

    def collect(self, url: str) -> None:
        """Read the counts of one database; call it once, before the database goes.

        `url` must log in as a superuser. Without the profiler there is nothing to read.
        """
        with psycopg.connect(url, autocommit=True, row_factory=class_row(Counted)) as connection:
            installed = connection.execute(
                "select from pg_catalog.pg_extension where extname = 'plpgsql_check'"
            ).rowcount
            if installed:
                self.add(connection.execute(STATEMENTS))

    def add(self, rows: Iterable[Counted]) -> None:
        """Add up counted statements."""
        for row in rows:
            key = (row.schema, row.name, row.arguments, row.source)
            function = self._functions.setdefault(key, Function(*key))
            statement = function.statements.setdefault(
                row.id,
                Statement(row.parent_id, row.branch or "", row.position, row.line, row.kind),
            )
            statement.runs += row.runs

    def counted(self) -> Iterator[Counted]:
        """Everything that was added up, as `add` takes it."""
        for key, function in self._functions.items():
            for id_, s in function.statements.items():
                yield Counted(*key, id_, s.parent_id, s.branch, s.position, s.line, s.runs, s.kind)

    def functions(self) -> list[Function]:
        """What the checkout's files declare, least covered first."""
        return sorted(
            (f for f in self._functions.values() if _declared_in(f) is not None),
            key=lambda f: (f.covered, f.signature),
        )


def _declared_in(function: Function) -> tuple[Path, int] | None:
    """The file that declares a function, and the line in it where the body begins."""
    for path in sorted(FUNCTIONS.glob(f"*/{function.name}.sql")):
        before, found, _ = path.read_text().partition(f"$${function.source}$$")
        if found and f"function {function.schema}.{function.name}(" in before:
            return path, before.count("\n")
    return None


COVERAGE = Coverage()
collect = COVERAGE.collect


def report(functions: list[Function]) -> Iterator[str]:
    """The lines of the printed report."""
    yield " statements    branches   function"
    for function in functions:
        ran = sum(s.runs > 0 for s in function.statements.values())
        taken, branches = function.branches()
        yield (
            f"{function.covered:6.0%} {f'{ran}/{len(function.statements)}':>6}"
            f"  {f'{taken / branches:.0%}' if branches else '-':>5}"
            f" {f'{taken}/{branches}' if branches else '':>5}   {function.signature}"
        )
    statements = sum(len(f.statements) for f in functions)
    ran = sum(s.runs > 0 for f in functions for s in f.statements.values())
    taken, branches = (sum(pair) for pair in zip(*(f.branches() for f in functions), strict=True))
    yield (
        f"{ran / statements:6.0%} {ran:>6}  {taken / max(branches, 1):5.0%} {taken:>5}"
        f"   all {len(functions)} functions: {statements} statements, {branches} branches"
    )


def shortfalls(functions: list[Function]) -> Iterator[str]:
    """For each function with too little covered: its name, and each line never run."""
    for function in functions:
        if function.covered >= REQUIRED:
            continue
        yield f"{function.signature}: {function.covered:.0%} of its statements ran; never:"
        declared = _declared_in(function)
        for line, text in function.missed():
            place = f"line {line}"
            if declared is not None:
                path, first_line = declared
                place = f"{path.relative_to(FUNCTIONS.parents[1])}:{first_line + line}"
            yield f"    {place}: {text}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the switch; a run of some tests alone covers little, and that is no fault."""
    parser.addoption(
        "--plpgsql-coverage",
        action="store_true",
        help=f"print coverage of plpgsql; fail where under {REQUIRED:.0%} of statements ran",
    )


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add up what a process that shared the tests has counted; one that crashed tells nothing."""
    output = getattr(node, "workeroutput", {})
    COVERAGE.add(Counted(*row) for row in output.get("plpgsql_coverage", ()))


# The processes that share the tests end first, each before its results are reported.
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn a run red whose tests pass but leave a function uncovered, or count nothing."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["plpgsql_coverage"] = [tuple(row) for row in COVERAGE.counted()]
        return
    if not session.config.getoption("plpgsql_coverage") or exitstatus != pytest.ExitCode.OK:
        return
    functions = COVERAGE.functions()
    if not functions or any(True for _ in shortfalls(functions)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the report below the results."""
    if not terminalreporter.config.getoption("plpgsql_coverage"):
        return
    terminalreporter.section("coverage of plpgsql")
    functions = COVERAGE.functions()
    if not functions:
        terminalreporter.line("No function was counted: is the profiler on?", red=True)
        return
    for line in report(functions):
        terminalreporter.line(line)
    for line in shortfalls(functions):
        terminalreporter.line(line, red=True)
