"""The timetable: every command runs as the owner, gives a number, and comes to an end."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from dev import maintenance
from tests.support.server import Database
from tests.support.sessions import Connect, Connection, value

BATCHES = """
create sequence public.batches;
create function public.batch() returns integer language plpgsql as $$
begin
    -- A transaction's number is given once.
    insert into public.seen values (txid_current());
    return greatest(4 - nextval('public.batches'), 0);
end
$$;
create table public.seen (transaction bigint);
"""
CALL = "call private.repeat_job('public.batch()')"


@pytest.fixture
def owner(clone_database: Callable[[], Database]) -> Iterator[Connection]:
    """The owner, outside any transaction, in a database of his own."""
    with psycopg.connect(clone_database().owner_url, autocommit=True) as session:
        yield session


def test_every_command_of_the_timetable_gives_a_number_and_ends(owner: Connection) -> None:
    commands = owner.execute("select job, command from ops.timetable").fetchall()
    assert commands
    for job, command in commands:
        assert value(owner, command) >= 0, job
        assert value(owner, command) == 0, job


def test_a_job_is_repeated_until_it_gives_0_each_batch_in_its_own_transaction(
    owner: Connection,
) -> None:
    owner.execute(BATCHES.encode())
    assert value(owner, CALL) == 3 + 2 + 1
    assert value(owner, "select count(distinct transaction) from public.seen") == 4


def test_a_job_stops_when_its_time_is_over(owner: Connection) -> None:
    owner.execute(BATCHES.encode())
    assert value(owner, "call private.repeat_job('public.batch()', seconds => 0)") == 3
    assert value(owner, "select count(*) from public.seen") == 1


def test_what_was_done_before_a_batch_failed_stays_done(owner: Connection) -> None:
    owner.execute(BATCHES.encode())
    owner.execute("alter sequence public.batches maxvalue 2")
    with pytest.raises(psycopg.errors.SequenceGeneratorLimitExceeded):
        owner.execute(CALL)
    assert value(owner, "select count(*) from public.seen") == 2
    # A failed run leaves no lock either.
    owner.execute("alter sequence public.batches maxvalue 9")
    assert value(owner, CALL) == 1


def test_a_job_that_gives_nothing_ends(owner: Connection) -> None:
    owner.execute("create function public.silent() returns integer return null::integer")
    assert value(owner, "call private.repeat_job('public.silent()')") == 0


def test_a_job_at_work_is_not_started_twice(shared: Database, connect: Connect) -> None:
    first = connect()
    first.execute(
        "select pg_advisory_xact_lock(hashtextextended("
        "'private.repeat_job', 'private.fold_pending()'::regprocedure::oid::bigint))"
    )
    with psycopg.connect(shared.owner_url, autocommit=True) as second:
        second.execute(
            "insert into private.video_deltas (video_id, views) values (gen_random_uuid(), 1)"
        )
        for job, left in (("fold_pending", 1), ("prune_tombstones", 1)):
            assert value(second, f"call private.repeat_job('private.{job}()')") == 0
            assert value(second, "select count(*) from private.video_deltas") == left
        first.rollback()
        second.execute("call private.repeat_job('private.fold_pending()')")
        assert value(second, "select count(*) from private.video_deltas") == 0


def test_what_is_no_function_is_refused(owner: Connection) -> None:
    with pytest.raises(psycopg.errors.UndefinedFunction):
        owner.execute("call private.repeat_job('private.no_such_job()')")


def test_maintenance_runs_the_timetable_without_cron(
    owner: Connection, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    day: Any = value(owner, "select (now() at time zone 'utc')::date - 20")
    owner.execute("select private.ensure_day(%s)", [day])
    url = owner.info.dsn + f" password={owner.info.password}"
    monkeypatch.setenv("DATABASE_URL", url)
    assert maintenance.main() == 0
    assert value(owner, "select private.day_leaves(%s)", day) == []
    assert "failed" not in capsys.readouterr().out
