"""What happens when two people, or a person and a job, do something at the same moment."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.server import Database

Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]

# Long enough for a statement that waits for nobody, however slow the machine.
PATIENCE = "set lock_timeout = '2s'"


@pytest.fixture(scope="module")
def shared(clone_database: Callable[[], Database]) -> Database:
    """A database in which these tests commit."""
    database = clone_database()
    pgtap.prepare(database.admin_url)
    return database


@pytest.fixture
def connect(shared: Database) -> Iterator[Connect]:
    """Open a session in a transaction, as the owner or as somebody who is signed in."""
    with ExitStack() as stack:

        def open_session(speaker: str | None = None) -> Connection:
            session = stack.enter_context(psycopg.connect(shared.admin_url))
            session.execute(PATIENCE)
            session.commit()
            if speaker is None:
                session.execute("select tests.as_owner()")
            else:
                session.execute("select tests.sign_in(%s)", [speaker])
            return session

        yield open_session


def value(session: Connection, query: str, *parameters: Any) -> Any:
    """The one value a query gives."""
    row = session.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


def wait_until_blocked(observer: Connection, session: Connection) -> None:
    """Return as soon as a session's statement waits for another session."""
    for _ in range(200):
        blocked = "select cardinality(pg_blocking_pids(%s)) > 0"
        if value(observer, blocked, session.info.backend_pid):
            return
        time.sleep(0.01)
    pytest.fail("The second session did not wait for the first.")


@pytest.fixture
def video(connect: Connect) -> Any:
    owner = connect()
    video_id = value(owner, "select tests.video('ada')")
    owner.commit()
    return video_id


def test_a_like_does_not_wait_for_an_owner_who_is_writing(connect: Connect, video: Any) -> None:
    ada, bob = connect("ada"), connect("bob")
    ada.execute("update public.videos set title = 'new' where id = %s", [video])
    likes = value(bob, "select likes_count from public.like_video(%s)", video)
    assert likes == 1


def test_likes_do_not_wait_for_each_other_nor_for_folding(connect: Connect, video: Any) -> None:
    bob, carol, job = connect("bob"), connect("carol"), connect()
    job.execute("select from public.videos where id = %s for no key update", [video])
    # Neither is committed when the other counts.
    assert value(bob, "select likes_count from public.like_video(%s)", video) == 1
    assert value(carol, "select likes_count from public.like_video(%s)", video) == 1
    for session in (bob, carol, job):
        session.commit()
    assert value(job, "select likes_count from public.video_feed where id = %s", video) == 2


def test_folding_leaves_a_video_alone_that_somebody_has_locked(
    connect: Connect, video: Any
) -> None:
    first, second = connect(), connect()
    first.execute("insert into private.video_deltas (video_id, views) values (%s, 3)", [video])
    first.commit()
    first.execute("select from public.videos where id = %s for no key update", [video])
    assert value(second, "select private.fold_video(%s)", video) is False
    second.execute("select private.fold_pending()")
    assert value(second, "select views_count from public.videos where id = %s", video) == 0
    first.commit()
    assert value(second, "select private.fold_video(%s)", video) is True
    assert value(second, "select views_count from public.videos where id = %s", video) == 3


def test_one_person_on_two_phones_likes_once(connect: Connect, video: Any) -> None:
    phone, tablet = connect("bob"), connect("bob")
    like = "select likes_count from public.like_video(%s)"
    assert value(phone, like, video) == 1
    with ThreadPoolExecutor() as pool:
        second = pool.submit(value, tablet, like, video)
        wait_until_blocked(connect(), tablet)
        phone.commit()
        assert second.result(timeout=10) == 1


def test_a_direct_like_that_races_is_postgres_own_duplicate(connect: Connect, video: Any) -> None:
    phone, tablet, owner = connect("bob"), connect("bob"), connect()
    like = "insert into public.video_likes (video_id) values (%s)"
    phone.execute(like, [video])
    with ThreadPoolExecutor() as pool:
        second = pool.submit(tablet.execute, like, [video])
        wait_until_blocked(owner, tablet)
        phone.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            second.result(timeout=10)
    assert value(owner, "select likes_count from public.video_feed where id = %s", video) == 1


def test_an_upload_is_published_once_however_many_ask(connect: Connect) -> None:
    owner = connect()
    owner.execute("select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo')")
    ticket = value(owner, "select (private.open_upload('ada')).ticket_id")
    owner.commit()
    publish = "select (private.publish_video('ada', %s, tests.details(%s))).id"
    with ThreadPoolExecutor() as pool:
        asking = []
        for _ in range(4):
            session = connect()
            asking.append(pool.submit(published_in, session, publish, ticket))
        assert len({answer.result(timeout=20) for answer in asking}) == 1


def published_in(session: Connection, publish: str, ticket: Any) -> Any:
    with session:
        return value(session, publish, ticket, ticket)


def test_parallel_calls_do_not_pass_the_limit_of_open_uploads(connect: Connect) -> None:
    owner = connect()
    owner.execute("select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo')")
    owner.execute("select ops.set_setting('open_tickets_per_user', '1')")
    owner.commit()

    def open_upload(session: Connection) -> str:
        try:
            with session:
                session.execute("select private.open_upload('dora')")
        except psycopg.Error as refused:
            return str(refused.diag.message_primary)
        return "opened"

    with ThreadPoolExecutor() as pool:
        answers = list(pool.map(open_upload, [connect() for _ in range(4)]))
    assert sorted(answers) == ["opened", *["too_many_open_uploads"] * 3]


def test_making_a_day_gives_way_to_somebody_who_writes(connect: Connect, video: Any) -> None:
    writer, maker = connect("ada"), connect()
    writer.execute("update public.videos set title = 'x' where id = %s", [video])
    assert value(maker, "select private.ensure_day('2032-01-01', attempts => 2)") is False
    writer.commit()
    assert value(maker, "select private.ensure_day('2032-01-01')") is True


def test_two_makers_of_days_do_not_get_in_each_others_way(connect: Connect) -> None:
    first, second = connect(), connect()
    assert value(first, "select private.ensure_day('2032-02-01')") is True
    assert value(second, "select private.ensure_day('2032-02-02', attempts => 2)") is False
    first.commit()
    assert value(second, "select private.ensure_day('2032-02-02')") is True


def test_a_day_that_could_not_be_made_is_reported(connect: Connect) -> None:
    first, job = connect(), connect()
    day = value(job, "select (now() at time zone 'utc')::date + 7")
    job.execute("select private.ensure_days()")
    job.execute("select private.drop_day(%s)", [day])
    job.commit()
    first.execute("select private.ensure_day('2032-03-01')")
    notices: list[str] = []
    job.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    job.execute("select private.ensure_days()")
    assert notices == ["1 days have no leaves yet: tables stayed busy"]


def test_jobs_pass_by_what_somebody_else_has_locked(connect: Connect, video: Any) -> None:
    admin, job = connect(), connect()
    aged = value(admin, "select tests.video('ada', interval '15 days', id_age => '1 hour')")
    old = value(admin, "select tests.video('ada', interval '20 days')")
    admin.execute("update public.videos set deleted_at = now() where id = %s", [video])
    admin.commit()
    for locked in (video, aged, old):
        admin.execute("select from public.videos where id = %s for update", [locked])
    day = value(job, "select (private.uuid_v7_time(%s) at time zone 'utc')::date", old)
    assert value(job, "select private.purge_deleted_videos()") == 0
    assert value(job, "select private.retire_aged_videos()") == 0
    assert value(job, "select private.retire_day(%s)", day) == 0
    job.rollback()
    admin.commit()
    job.execute("select tests.as_owner()")
    assert value(job, "select private.purge_deleted_videos()") == 1


def test_dropping_a_day_gives_way_to_a_slow_reader(connect: Connect) -> None:
    owner, reader, job = connect(), connect("bob"), connect()
    owner.execute("select private.ensure_day('2032-04-01')")
    owner.commit()
    reader.execute("select count(*) from public.video_likes")
    assert value(job, "select private.drop_day('2032-04-01', attempts => 2)") is False
    reader.commit()
    assert value(job, "select private.drop_day('2032-04-01')") is True


def test_retirement_runs_once_at_a_time(connect: Connect) -> None:
    first, second = connect(), connect()
    first.execute("select private.retire_expired_videos()")
    first.execute("select private.ensure_day('2020-01-01')")
    assert value(second, "select private.retire_expired_videos()") == 0
