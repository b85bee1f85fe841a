"""Limits hold for calls that come at the same moment, and these take no pool hostage."""

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.support.sessions import Connect, Connection, value, wait_until_blocked

CALLERS = 16
LIMIT = 10
SPEND = "select private.spend_token('report_video')"


def wait_of(refused: psycopg.Error) -> int:
    """How many seconds a refusal says to wait."""
    assert refused.sqlstate == "PGRST"
    return int(json.loads(refused.diag.message_detail or "")["headers"]["Retry-After"])


@pytest.fixture
def owner(connect: Connect) -> Iterator[Connection]:
    """The owner, in a database where a report costs an hour's tenth."""
    session = connect()
    session.execute("select ops.set_rate_rule('report_video', %s, '1 hour')", [LIMIT])
    session.execute("delete from private.rate_states")
    session.commit()
    yield session
    session.execute("delete from private.user_suspensions")
    session.commit()


def test_of_sixteen_callers_at_once_exactly_ten_get_through(
    connect: Connect, owner: Connection
) -> None:
    def call(session: Connection) -> str:
        # Too many at the same moment is said in a second's wait; then it is worth a try.
        while True:
            try:
                session.execute("select tests.sign_in('bob')")
                session.execute(SPEND)
                session.commit()
            except psycopg.Error as refused:
                session.rollback()
                if wait_of(refused) > 1:
                    return "refused"
            else:
                return "through"

    sessions = [connect("bob") for _ in range(CALLERS)]
    for session in sessions:
        session.commit()
    with ThreadPoolExecutor(CALLERS) as pool:
        answers = Counter(pool.map(call, sessions))
    assert answers == {"through": LIMIT, "refused": CALLERS - LIMIT}


def test_a_fourth_call_of_one_person_is_turned_away_at_once(
    connect: Connect, owner: Connection
) -> None:
    first, second, third, fourth, carol = (connect(name) for name in [*["bob"] * 4, "carol"])
    first.execute(SPEND)
    with ThreadPoolExecutor() as pool:
        waiting = [pool.submit(session.execute, SPEND) for session in (second, third)]
        for session in (second, third):
            wait_until_blocked(owner, session)
        with pytest.raises(psycopg.Error) as refused:
            # Whatever it is for.
            fourth.execute("select private.spend_token('like')")
        carol.execute(SPEND)
        fourth.rollback()
        first.commit()
        # Whichever of the two comes first waits no longer; the other waits for it.
        done = next(session for session in _finished(waiting, (second, third)))
        done.commit()
        for answer in waiting:
            answer.result(timeout=10)
    assert wait_of(refused.value) == 1
    fourth.execute("select tests.sign_in('bob')")
    fourth.execute("select private.spend_token('like')")


def _finished(waiting: list[Any], sessions: tuple[Connection, ...]) -> Iterator[Connection]:
    while True:
        for answer, session in zip(waiting, sessions, strict=True):
            if answer.done():
                yield session


def test_what_failed_costs_nothing(connect: Connect, owner: Connection) -> None:
    bob = connect("bob")
    for _ in range(LIMIT + 5):
        bob.execute("select tests.sign_in('bob')")
        bob.execute(SPEND)
        bob.rollback()
    assert value(owner, "select count(*) from private.rate_states") == 0


def test_a_suspension_holds_for_the_next_statement_of_a_session_that_is_open(
    connect: Connect, owner: Connection
) -> None:
    video = value(owner, "select tests.video('ada')")
    owner.commit()
    bob = connect("bob")
    like = "insert into public.video_likes (video_id) values (%s)"
    bob.execute(like, [video])
    owner.execute("select ops.suspend_user('bob', reason => 'spam')")
    owner.commit()
    with pytest.raises(psycopg.Error) as refused:
        bob.execute("delete from public.video_likes")
    assert refused.value.sqlstate == "PT403"


def test_who_is_publishing_when_he_is_suspended_is_done_before(
    connect: Connect, owner: Connection
) -> None:
    owner.execute("select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo')")
    ticket = value(owner, "select (private.open_upload('bob')).ticket_id")
    owner.commit()
    phone = connect()
    phone.execute("select private.publish_video('bob', %s, tests.details(%s))", [ticket, ticket])
    with ThreadPoolExecutor() as pool:
        suspending = pool.submit(owner.execute, "select ops.suspend_user('bob', null, 'spam')")
        wait_until_blocked(connect(), owner)
        phone.commit()
        suspending.result(timeout=10)
    owner.commit()
    state = "select state from private.upload_tickets where id = %s"
    assert value(owner, state, ticket) == "published"
