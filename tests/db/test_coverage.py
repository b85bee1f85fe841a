"""The count of what plpgsql ran can fail a run, and says where to look."""

from collections.abc import Callable

import psycopg

from tests.support.coverage import Counted, Coverage, Function, Statement, shortfalls
from tests.support.server import Database, PostgresServer


def test_a_function_nobody_ran_is_named_with_file_and_lines(
    cluster: PostgresServer, clone_database: Callable[[], Database]
) -> None:
    database = clone_database()
    counted = Coverage()
    with psycopg.connect(database.owner_url) as session:
        session.execute("select private.page_limit(1)")
        session.execute("select private.retention()")
    counted.collect(database.admin_url)
    told = list(shortfalls(counted.functions()))
    if not cluster.has("plpgsql_check"):
        assert told == []
        return
    assert "private.page_limit(integer): 75% of its statements ran; never:" in told
    assert any(line.startswith("    db/functions/private/page_limit.sql:") for line in told)
    assert not any("private.retention" in line for line in told)


def test_an_if_without_else_has_a_branch_that_passes_it_by() -> None:
    function = Function("private", "f", "", "\nbegin\nif x then\nreturn 1;\nend if;\nend\n")
    function.statements = {
        0: Statement(None, "", 1, 2, "statement block", runs=3),
        1: Statement(0, "body", 1, 3, "IF", runs=3),
        2: Statement(1, "then body", 1, 4, "RETURN", runs=3),
    }
    assert function.branches() == (1, 2)
    function.statements[2].runs = 2
    assert function.branches() == (2, 2)


def test_what_several_processes_have_counted_is_added_up() -> None:
    here, there = Coverage(), Coverage()
    known_by = ("private", "page_limit", "integer", "", 1, None, "body", 1, 3)
    here.add([Counted(*known_by, runs=2, kind="IF")])
    there.add([Counted(*known_by, runs=3, kind="IF")])
    here.add(there.counted())
    assert [counted.runs for counted in here.counted()] == [5]
