"""Send SQL files to the server, and say where in them it failed."""

import re
from collections.abc import Sequence

from psycopg import Connection, Error, InternalError, generators
from psycopg.abc import PQGen
from psycopg.errors import DeadlockDetected, LockNotAvailable, error_from_result
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from db.deployment.errors import DeployError
from db.deployment.statements import line_at
from db.deployment.tree import SqlFile

_SEPARATOR = "\n;\n"
_DO_BLOCK_LINE = re.compile(r"inline_code_block line (\d+)")
_REPLACEMENT_REFUSED = ("42P13", "42P16")  # another result type, fewer columns of a view
_FAILED = (ExecStatus.FATAL_ERROR, ExecStatus.PIPELINE_ABORTED)


def is_busy(error: Error) -> bool:
    """Whether the same deploy may succeed a moment later: somebody held a lock that it needed."""
    if isinstance(error, InternalError):  # two sessions changed one catalog row: a role, a grant
        return "concurrently updated" in str(error)
    return isinstance(error, LockNotAvailable | DeadlockDetected)


def load(conn: Connection, files: Sequence[SqlFile]) -> None:
    """Run the files, in one round trip. DeployError names the file and line that failed."""
    if not any(file.statements for file in files):
        return
    text = _SEPARATOR.join(file.text for file in files)
    conn.execute("set local search_path to default")  # names resolve as in any other session
    # As bytes and without parameters: a % in a function body means nothing to us.
    results = conn.wait(_run(conn, text.encode()))
    succeeded = sum(result.status not in _FAILED for result in results)
    for result in results:
        if result.status in _FAILED:
            error = error_from_result(result, encoding="utf-8")
            raise error if is_busy(error) else DeployError(_explain(error, files, succeeded))
    use_plain_search_path(conn)


def use_plain_search_path(conn: Connection) -> None:
    """Make the catalog print every name with its schema, until the transaction ends."""
    conn.execute("set local search_path = pg_catalog")


def _run(conn: Connection, query: bytes) -> PQGen[list[PGresult]]:
    conn.pgconn.send_query(query)
    results: list[PGresult] = yield from generators.execute(conn.pgconn)
    return results


def _explain(error: Error, files: Sequence[SqlFile], succeeded: int) -> str:
    """`file:line`, then all that Postgres said."""
    found = error.diag
    lines = [
        f"{_place(error, files, succeeded)}: {found.message_primary or error} ({found.sqlstate})"
    ]
    for label, text in (
        ("detail", found.message_detail),
        ("hint", found.message_hint),
        ("query", found.internal_query),
        ("context", found.context),
    ):
        if text:
            lines.append(f"  {label}: " + text.strip().replace("\n", "\n    "))
    if found.sqlstate in _REPLACEMENT_REFUSED:
        lines.append("  Let a migration drop the old one, or give the new one another name.")
    return "\n".join(lines)


def _place(error: Error, files: Sequence[SqlFile], succeeded: int) -> str:
    """Where it failed: the place Postgres gives, else the first statement that did not succeed."""
    if error.diag.statement_position:
        offset = int(error.diag.statement_position) - 1
        for file in files:
            if offset <= len(file.text):
                return file.at(offset)
            offset -= len(file.text) + len(_SEPARATOR)
    for file in files:
        if succeeded < len(file.statements):
            return _place_in_statement(error, file, file.statements[succeeded].start)
        succeeded -= len(file.statements)
    return files[-1].path


def _place_in_statement(error: Error, file: SqlFile, start: int) -> str:
    """The line within a `do` block, where the context gives it, else the statement's first."""
    line = line_at(file.text, start)
    in_block = _DO_BLOCK_LINE.search(error.diag.context or "")
    body = file.text.find("$", start)
    if in_block and body >= 0:
        line = line_at(file.text, body) + int(in_block.group(1)) - 1
    return f"{file.path}:{line}"
