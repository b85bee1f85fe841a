"""Retirement among clients, beside itself, killed halfway, and after days without cron."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.limits import widen
from tests.support.server import Database
from tests.support.sessions import Connection, value, wait_until_blocked

STEP = "select private.retire_expired_videos()"
RETIRE = "call private.repeat_job('private.retire_expired_videos()')"
LEFT = "select count(*) from public.videos"
# What clients may be held up: a lock is waited for 30 or 50 ms, on a machine that others use too.
SHORT = 0.2

# A day's videos, eight an hour, every third with a thumbnail, each with a like.
DAY = """
with made as (
    select
        n,
        tests.video(
            'ada',
            now() - (%(day)s::timestamp at time zone 'utc')
            - n * interval '7.5 minutes' - interval '1 second'
        ) as id
    from generate_series(0, 191) as n
),
filed as (
    insert into private.video_files (
        video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path
    )
    select
        m.id,
        'f-' || m.id,
        f.folder || m.id || '.mp4',
        1,
        case when mod(m.n, 3) = 0 then 't-' || m.id end,
        case when mod(m.n, 3) = 0 then f.folder || m.id || '.jpg' end
    from made as m
    cross join lateral (
        select to_char(
            private.uuid_v7_time(m.id) at time zone 'utc', '"/videos/"YYYY-MM-DD"/"HH24"/"'
        ) as folder
    ) as f
)
insert into public.video_likes (video_id, user_id)
select id, 'bob' from made
"""
# How many orders each file of the days has: its own, or its folder's.
ORDERS = """
select f.file_path, count(m.id)
from all_files as f
left join private.media_deletions as m on
    m.state = 'queued'
    and (
        m.target = f.file_path
        or (m.kind = 'folder' and starts_with(f.file_path, m.target || '/'))
    )
group by f.file_path
"""


@pytest.fixture
def database(clone_database: Callable[[], Database]) -> Database:
    """A database of this test's own, with the people of the tests."""
    made = clone_database()
    widen(made.owner_url)
    pgtap.prepare(made.admin_url)
    return made


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    """The owner, outside any transaction."""
    with session_of(database) as session:
        yield session


@contextmanager
def session_of(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.owner_url, autocommit=True) as session:
        session.execute("set lock_timeout = '5s'")
        yield session


def make_day(owner: Connection, days_ago: int) -> Any:
    day = value(owner, "select (now() at time zone 'utc')::date - %s", days_ago)
    owner.execute("select private.ensure_day(%s)", [day])
    owner.execute(DAY.encode(), {"day": day})
    owner.execute(
        "create table if not exists public.all_files as select null::text as file_path where false"
    )
    owner.execute(
        "insert into public.all_files select p from private.video_files as f "
        "cross join lateral (values (f.file_path), (f.thumbnail_path)) as v (p) "
        "where p is not null and p not in (select a.file_path from public.all_files as a)"
    )
    return day


def each_file_is_ordered_once(owner: Connection) -> bool:
    orders = Counter(count for _, count in owner.execute(ORDERS.encode()).fetchall())
    return set(orders) == {1} and orders[1] >= 192 + 64


def in_batches_of(owner: Connection, videos: int) -> None:
    """Let a batch have so few videos that a small day has several."""
    body = value(owner, "select pg_get_functiondef('private.retire_day(date)'::regprocedure)")
    assert "limit 1000" in body
    owner.execute(body.replace("limit 1000", f"limit {videos}").encode())


def test_of_three_runs_one_works(database: Database, owner: Connection) -> None:
    make_day(owner, 20)
    in_batches_of(owner, 10)
    with ThreadPoolExecutor() as pool:

        def run() -> int:
            with session_of(database) as session:
                return int(value(session, RETIRE))

        done = list(pool.map(lambda _: run(), range(3)))
    # What one does no other does, whoever has the lock between two commits.
    assert sum(done) == 192 + 2
    assert value(owner, LEFT) == 0
    assert each_file_is_ordered_once(owner)


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_a_run_that_was_killed_is_finished_by_the_next(
    database: Database, owner: Connection, steps: int
) -> None:
    make_day(owner, 20)
    in_batches_of(owner, 10)
    for _ in range(steps):
        value(owner, STEP)
    with session_of(database) as victim:
        # In the middle of a step, with everything written and nothing committed.
        victim.execute("begin")
        victim.execute(STEP)
        left = value(owner, LEFT)
        owner.execute("select pg_terminate_backend(%s, 5000)", [victim.info.backend_pid])
        victim.close()
    assert value(owner, LEFT) == left
    assert value(owner, RETIRE) > 0
    assert value(owner, LEFT) == 0
    assert each_file_is_ordered_once(owner)
    tombstones = "select count(*) from private.video_tombstones where reason = 'expired'"
    assert value(owner, tombstones) == 192


def test_a_call_killed_at_work_leaves_what_it_committed(
    database: Database, owner: Connection
) -> None:
    day = make_day(owner, 20)
    in_batches_of(owner, 1)
    with session_of(database) as victim, ThreadPoolExecutor() as pool:
        running = pool.submit(victim.execute, "call ops.retire_day(%s)", [day])
        while value(owner, LEFT) > 180:
            time.sleep(0.001)
        owner.execute("select pg_terminate_backend(%s, 5000)", [victim.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            running.result(timeout=10)
    assert 0 < value(owner, LEFT) <= 180
    owner.execute("call ops.retire_day(%s)", [day])
    assert value(owner, LEFT) == 0
    assert each_file_is_ordered_once(owner)


def test_days_without_cron_are_caught_up_with(owner: Connection) -> None:
    for days_ago in (17, 16, 15):
        make_day(owner, days_ago)
    make_day(owner, 13)
    assert value(owner, RETIRE) == 3 * (192 + 2)
    assert value(owner, LEFT) == 192
    visible = "select count(*) from ops.retention where state not in ('visible', 'expiring')"
    assert value(owner, visible) == 0


def test_an_administrator_retires_a_day(database: Database, owner: Connection) -> None:
    day, other = make_day(owner, 20), make_day(owner, 19)
    assert value(owner, "call ops.retire_day(%s)", day) == 192 + 2
    assert value(owner, "call ops.retire_day(%s)", day) == 0
    assert value(owner, LEFT) == 192
    for days_ago in (0, 13, 14):
        with pytest.raises(psycopg.errors.RaiseException, match="too young"):
            owner.execute("call ops.retire_day((now() at time zone 'utc')::date - %s)", [days_ago])
    owner.execute("select ops.set_setting('largest_day_floor', '5')")
    owner.execute(
        "insert into private.video_days (day, videos) "
        "select %s::date - n, case n when 0 then 100 else 2 end from generate_series(0, 6) as n",
        [other],
    )
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState, match="unusually many"):
        owner.execute("call ops.retire_day(%s)", [other])
    owner.execute("select ops.approve_day(%s)", [other])
    with session_of(database) as cron:
        cron.execute("begin")
        cron.execute("select pg_advisory_xact_lock(hashtextextended('private.retire', 0))")
        with pytest.raises(psycopg.errors.LockNotAvailable, match="another run"):
            owner.execute("call ops.retire_day(%s)", [other])
        cron.execute("rollback")
    assert value(owner, "call ops.retire_day(%s)", other) == 192 + 2


def test_a_day_ends_at_midnight_utc(owner: Connection) -> None:
    day = value(owner, "select (now() at time zone 'utc')::date - 20")
    for offset in ("-1 ms", "0 ms", "23:59:59.999", "24:00"):
        owner.execute(
            "select tests.video('ada', now() - (%s::timestamp at time zone 'utc') - %s::interval)",
            [day, offset],
        )
    assert value(owner, "call ops.retire_day(%s)", day) == 2 + 2
    left = owner.execute(
        "select (private.uuid_v7_time(id) at time zone 'utc') - %s::timestamp as offset_ "
        "from public.videos order by 1",
        [day],
    ).fetchall()
    assert [one.total_seconds() for (one,) in left] == [-0.001, 86400]


def test_a_hold_and_retirement_do_not_both_have_a_video(
    database: Database, owner: Connection
) -> None:
    make_day(owner, 20)
    value(owner, STEP)
    value(owner, STEP)
    video = value(owner, "select id from public.videos order by id limit 1")
    with session_of(database) as job, session_of(database) as admin:
        job.execute("begin")
        job.execute(STEP)
        with ThreadPoolExecutor() as pool:
            held = pool.submit(admin.execute, "select ops.hold_video(%s, 'late')", [video])
            wait_until_blocked(owner, admin)
            job.execute("commit")
            with pytest.raises(psycopg.errors.NoDataFound):
                held.result(timeout=10)
    make_day(owner, 20)
    video = value(owner, "select id from public.videos order by id limit 1")
    with session_of(database) as job, session_of(database) as admin:
        admin.execute("begin")
        admin.execute("select ops.hold_video(%s, 'in time')", [video])
        # Not yet committed: the row is passed by, as whatever somebody has locked.
        for _ in range(4):
            value(job, STEP)
        admin.execute("commit")
        value(job, RETIRE)
    assert value(owner, "select id from public.videos") == video


class Client:
    """Somebody who does one thing over and over; notes the longest it took."""

    def __init__(self, database: Database, statement: str, speaker: str, *values: Any) -> None:
        self.slowest = 0.0
        self.calls = 0
        self._ending = threading.Event()
        self._arguments = (database, statement, speaker, values)
        self._pool = ThreadPoolExecutor()
        self._running = self._pool.submit(self._run)

    def _run(self) -> None:
        database, statement, speaker, values = self._arguments
        with psycopg.connect(database.admin_url, autocommit=True) as session:
            session.execute("set statement_timeout = '5s'")
            while not self._ending.is_set():
                with session.transaction():
                    session.execute("select tests.sign_in(%s)", [speaker])
                    began = time.monotonic()
                    session.execute(statement.encode(), values)
                    took = time.monotonic() - began
                # The first call plans.
                self.slowest = max(self.slowest, took) if self.calls else 0.0
                self.calls += 1

    def end(self) -> float:
        self._ending.set()
        self._running.result(timeout=10)
        self._pool.shutdown()
        assert self.calls > 10
        return self.slowest


@pytest.mark.parametrize(
    "read",
    ["select count(*) from public.video_likes", "select count(*) from private.video_viewers"],
)
def test_behind_a_long_reader_nobody_queues(
    database: Database, owner: Connection, read: str
) -> None:
    make_day(owner, 20)
    video = value(owner, "select tests.video('bob')")
    with session_of(database) as reader, session_of(database) as job:
        reader.execute("begin")
        reader.execute(read.encode())
        likers = [
            Client(database, "select public.like_video(%s, null)", "carol", video),
            Client(database, "select public.get_video(%s)", "dan", video),
        ]
        with ThreadPoolExecutor() as pool:
            retiring = pool.submit(value, job, RETIRE)
            time.sleep(1)
            # It works on nothing else meanwhile, and holds nothing between its tries.
            assert not retiring.done()
            assert value(owner, LEFT) == 193
            reader.execute("commit")
            assert retiring.result(timeout=20) == 192 + 2
        assert max(client.end() for client in likers) < SHORT


def test_a_reader_who_does_not_end_is_given_way(database: Database, owner: Connection) -> None:
    make_day(owner, 20)
    owner.execute("select tests.video('ada', interval '15 days', id_age => '1 hour')")
    definition = "select pg_get_functiondef('private.drop_leaf(regclass,integer)'::regprocedure)"
    owner.execute(value(owner, definition).replace("DEFAULT 50", "DEFAULT 2").encode())
    notices: list[str] = []
    owner.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    with session_of(database) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from public.video_likes")
        # The day waits, what was aged by hand does not.
        assert value(owner, RETIRE) == 1
        assert any("are in use" in notice for notice in notices)
        assert value(owner, LEFT) == 192
        reader.execute("commit")
    assert value(owner, RETIRE) == 192 + 2


def test_making_a_day_holds_up_no_other_writer(database: Database, owner: Connection) -> None:
    video = value(owner, "select tests.video('bob')")
    owner.execute("select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo')")
    update = "update public.videos set title = 'x' where id = %s"
    with session_of(database) as idle, session_of(database) as first:
        idle.execute("begin")
        idle.execute(update, [value(owner, "select tests.video('ada')")])
        writers = [
            Client(database, "select public.like_video(%s, null)", "carol", video),
            Client(database, "select public.update_video(%s, 'new')", "bob", video),
        ]
        make = "select private.ensure_day('2033-01-01', attempts => 10)"
        with session_of(database) as second, ThreadPoolExecutor() as pool:
            makers = [pool.submit(value, session, make) for session in (first, second)]
            assert [maker.result(timeout=10) for maker in makers] == [False, False]
        assert max(client.end() for client in writers) < SHORT
        idle.execute("commit")
        assert value(first, make) is True


def test_the_first_two_publishers_of_a_day_heal_it(database: Database, owner: Connection) -> None:
    owner.execute("select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo')")
    publish = "select (private.publish_video('ada', %s, tests.details(%s))).id"
    tickets = [value(owner, "select (private.open_upload('ada')).ticket_id") for _ in range(3)]
    owner.execute("select tests.drop_day((now() at time zone 'utc')::date)")
    with session_of(database) as idle:
        other = value(owner, "select private.uuid_v7(now() - interval '1 day')")
        idle.execute("begin")
        idle.execute(
            "insert into public.videos (id, video_url, user_id, created_at) "
            "values (%s, 'https://x', 'ada', private.uuid_v7_time(%s))",
            [other, other],
        )
        with pytest.raises(psycopg.Error, match="busy") as refusal:
            owner.execute(publish, [tickets[0], tickets[0]])
        assert refusal.value.sqlstate == "PT503"
        idle.execute("rollback")
    with (
        session_of(database) as first,
        session_of(database) as second,
        ThreadPoolExecutor() as pool,
    ):
        published = [
            pool.submit(value, session, publish, ticket, ticket)
            for session, ticket in zip((first, second, owner), tickets, strict=True)
        ]
        videos = {one.result(timeout=10) for one in published}
    assert len(videos) == 3
    for video in videos:
        owner.execute(
            "insert into public.video_likes (video_id, user_id) values (%s, 'bob')", [video]
        )
