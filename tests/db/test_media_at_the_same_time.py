"""What happens when phones, webhooks, workers and jobs handle one upload or order at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.support.sessions import Connect, Connection, value, wait_until_blocked

OPEN = "select (private.open_upload(%s)).ticket_id"
PUBLISH = "select (private.publish_video('ada', %s, tests.details(%s))).id"
STATE = "select state from private.upload_tickets where id = %s"


@pytest.fixture
def owner(connect: Connect) -> Connection:
    """A session of the owner, in a database where uploads may be opened."""
    session = connect()
    session.execute("select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo')")
    session.execute("delete from private.media_deletions")
    session.commit()
    return session


@pytest.fixture
def ticket(owner: Connection) -> Any:
    """A ticket of ada's that is just about to expire."""
    opened = value(owner, OPEN, "ada")
    owner.execute(
        "update private.upload_tickets set expires_at = now() - interval '14 minutes 50 seconds' "
        "where id = %s",
        [opened],
    )
    owner.commit()
    return opened


def outdate(owner: Connection, ticket: Any) -> None:
    """The ticket's grace ends."""
    owner.execute(
        "update private.upload_tickets set expires_at = now() - interval '1 day' where id = %s",
        [ticket],
    )
    owner.commit()


def committed(session: Connection, query: str, *parameters: Any) -> Any:
    with session:
        return value(session, query, *parameters)


def test_an_upload_is_published_once_however_many_ask(connect: Connect, ticket: Any) -> None:
    with ThreadPoolExecutor() as pool:
        asking = []
        for _ in range(4):
            asking.append(pool.submit(committed, connect(), PUBLISH, ticket, ticket))
        assert len({answer.result(timeout=20) for answer in asking}) == 1


@pytest.mark.parametrize(
    ("setting", "limit", "refusal"),
    [
        ("open_tickets_per_user", "1", "too_many_open_uploads"),
        ("tickets_per_hour", "1", "too_many_uploads"),
        ("bytes_per_day", "104857600", "too_many_bytes"),
    ],
)
def test_parallel_calls_do_not_pass_a_limit(
    connect: Connect, owner: Connection, setting: str, limit: str, refusal: str
) -> None:
    before = value(owner, f"select {setting}::text from private.settings")
    owner.execute("select ops.set_setting(%s, %s)", [setting, limit])
    owner.commit()
    first, second, other = connect(), connect(), connect()
    person = f"bound by {setting}"
    first.execute(OPEN, [person])
    # What the first has opened is not there to be counted before it has committed.
    other.execute(OPEN, [f"not {person}"])
    try:
        with ThreadPoolExecutor() as pool:
            opening = pool.submit(second.execute, OPEN, [person])
            wait_until_blocked(owner, second)
            first.commit()
            with pytest.raises(psycopg.Error, match=refusal):
                opening.result(timeout=10)
    finally:
        owner.execute("select ops.set_setting(%s, %s)", [setting, before])
        owner.commit()


def test_publishing_beats_the_job_that_ends_uploads(
    connect: Connect, owner: Connection, ticket: Any
) -> None:
    phone, job = connect(), connect()
    phone.execute(PUBLISH, [ticket, ticket])
    # It was in time, and the time is over before it has committed.
    job.execute("update private.settings set ticket_grace = '0'")
    assert value(job, "select private.expire_uploads()") == 0
    job.rollback()
    phone.commit()
    assert value(owner, STATE, ticket) == "published"


def test_who_publishes_after_the_job_has_begun_hears_that_it_is_too_late(
    connect: Connect, owner: Connection, ticket: Any
) -> None:
    phone, job = connect(), connect()
    outdate(owner, ticket)
    job.execute("select private.expire_uploads()")
    with ThreadPoolExecutor() as pool:
        late = pool.submit(phone.execute, PUBLISH, [ticket, ticket])
        wait_until_blocked(owner, phone)
        job.commit()
        with pytest.raises(psycopg.Error, match="upload_expired"):
            late.result(timeout=10)
    assert value(owner, STATE, ticket) == "expired"


def test_an_upload_that_somebody_publishes_is_leased_by_no_worker(
    connect: Connect, owner: Connection, ticket: Any
) -> None:
    phone, worker = connect(), connect()
    owner.execute("select private.hold_upload('ada', %s)", [ticket])
    owner.execute("update private.upload_tickets set next_check_at = now() - interval '1 h'")
    owner.commit()
    phone.execute(PUBLISH, [ticket, ticket])
    assert value(worker, "select count(*) from private.lease_held_uploads()") == 0
    phone.rollback()
    assert value(worker, "select count(*) from private.lease_held_uploads()") == 1


EVENT = """select private.take_webhook(jsonb_build_object(
    'id', %s::text, 'type', 'file.created', 'data', tests.details(%s)
))"""


def test_a_webhook_that_comes_many_times_at_once_has_one_effect(
    connect: Connect, ticket: Any
) -> None:
    with ThreadPoolExecutor(16) as pool:
        answers = [
            pool.submit(committed, session, EVENT, "event of many", ticket)
            for session in [connect() for _ in range(16)]
        ]
        outcomes = Counter(answer.result(timeout=20) for answer in answers)
    assert outcomes == {"uploaded": 1, "repeated": 15}


def test_a_webhook_whose_first_delivery_failed_has_its_effect_with_the_second(
    connect: Connect, owner: Connection, ticket: Any
) -> None:
    first, second = connect(), connect()
    assert value(first, EVENT, "event of two", ticket) == "uploaded"
    with ThreadPoolExecutor() as pool:
        again = pool.submit(committed, second, EVENT, "event of two", ticket)
        wait_until_blocked(owner, second)
        first.rollback()
        assert again.result(timeout=10) == "uploaded"


def test_a_webhook_that_meets_the_app_publishing_finds_the_file_known(
    connect: Connect, owner: Connection, ticket: Any
) -> None:
    phone, webhook = connect(), connect()
    phone.execute(PUBLISH, [ticket, ticket])
    with ThreadPoolExecutor() as pool:
        told = pool.submit(committed, webhook, EVENT, "event beside the app", ticket)
        wait_until_blocked(owner, webhook)
        phone.commit()
        assert told.result(timeout=10) == "known"
    assert value(owner, STATE, ticket) == "published"


LEASE = "select order_id from private.lease_media('file', 7)"


def test_two_workers_never_lease_the_same_order(connect: Connect, owner: Connection) -> None:
    owner.execute(
        "insert into private.media_deletions (kind, target, file_id, reason) "
        "select 'file', '/videos/x/' || n || '.mp4', n::text, 'deleted' "
        "from generate_series(1, 100) as n"
    )
    owner.commit()

    def work(session: Connection) -> list[int]:
        leased: list[int] = []
        session.autocommit = True
        while ids := [one for (one,) in session.execute(LEASE)]:
            leased += ids
        return leased

    first, second = connect(), connect()
    ids = "select array_agg(order_id) from private.lease_media('file', 40)"
    # Neither has committed, and neither waits.
    mine, theirs = value(first, ids), value(second, ids)
    assert len({*mine, *theirs}) == 80
    first.rollback()
    second.rollback()

    sessions = [connect() for _ in range(3)]
    for session in sessions:
        session.commit()
    with ThreadPoolExecutor() as pool:
        leased = [one for orders in pool.map(work, sessions) for one in orders]
    assert len(leased) == len(set(leased)) == 100


def test_a_restore_and_a_worker_do_not_both_have_a_file(
    connect: Connect, owner: Connection, ticket: Any
) -> None:
    video = committed(connect(), PUBLISH, ticket, ticket)
    owner.execute("update public.videos set deleted_at = now() where id = %s", [video])
    owner.commit()
    admin, worker = connect(), connect()
    admin.execute("update public.videos set deleted_at = null where id = %s", [video])
    assert value(worker, "select count(*) from private.lease_media('file')") == 0
    admin.commit()
    assert value(worker, "select count(*) from private.lease_media('file')") == 0


@pytest.mark.parametrize(
    ("purpose", "publish"),
    [
        ("video", PUBLISH),
        ("avatar", "select (private.publish_avatar('ada', %s, tests.details(%s))).user_id"),
    ],
)
def test_who_publishes_while_his_account_is_erased_hears_that_there_is_no_such_upload(
    connect: Connect, owner: Connection, purpose: str, publish: str
) -> None:
    before = committed(connect(), OPEN, "ada")
    video = committed(connect(), PUBLISH, before, before)
    opened = value(owner, "select (private.open_upload('ada', %s)).ticket_id", purpose)
    owner.commit()
    path = value(owner, "select file_path from private.video_files where video_id = %s", video)
    orphan, eraser, phone = connect(), connect(), connect()
    # The eraser has the profile and comes to the tickets only when this is out of its way.
    orphan.execute("select private.order_file(%s, 'x', 'orphan')", [path])
    with ThreadPoolExecutor() as pool:
        erasing = pool.submit(
            committed,
            eraser,
            "with gone as (delete from public.user_profiles where user_id = 'ada' returning 1) "
            "select count(*) from gone",
        )
        wait_until_blocked(owner, eraser)
        publishing = pool.submit(committed, phone, publish, opened, opened)
        wait_until_blocked(owner, phone)
        orphan.rollback()
        assert erasing.result(timeout=10) == 1
        with pytest.raises(psycopg.Error, match="upload_not_found"):
            publishing.result(timeout=10)
    state = "select state, user_id from private.upload_tickets where id = %s"
    assert owner.execute(state, [opened]).fetchone() == ("expired", None)
    assert value(owner, "select count(*) from public.videos where user_id = 'ada'") == 0
