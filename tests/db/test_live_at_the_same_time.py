"""Telling those who watch, while many people write: few messages, the last exact, nobody waits."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.server import Database
from tests.support.sessions import PATIENCE, Connect, Connection, value

SIGN_IN = "select set_config('request.jwt.claims', json_build_object('sub', %s::text)::text, false)"
LIKE = "select likes_count from public.like_video(%s)"
SENT = """
select event, payload from realtime.messages where topic = 'video:' || %s::text order by ctid
"""
ROW = "select from private.video_announcements where video_id = %s for update"


@pytest.fixture
def owner(shared: Database) -> Iterator[Connection]:
    """The owner, outside any transaction."""
    with psycopg.connect(shared.owner_url, autocommit=True) as session:
        session.execute(PATIENCE)
        yield session


@pytest.fixture
def video(owner: Connection) -> Any:
    return value(owner, "select tests.video('ada')")


def likes_told(owner: Connection, video: Any) -> list[int]:
    """The likes of each message about the video's counts, in the order they were sent."""
    sent = owner.execute(SENT.encode(), [video]).fetchall()
    assert {event for event, _ in sent} <= {"counts"}
    return [payload["likes_count"] for _, payload in sent]


def test_500_likes_in_a_second_are_two_messages_and_the_last_is_exact(
    shared: Database, owner: Connection, video: Any
) -> None:
    ready = threading.Barrier(11)

    def like(first: int) -> None:
        with psycopg.connect(shared.user_url, autocommit=True) as session:
            session.execute(PATIENCE)
            session.execute(SIGN_IN, ["warms up"])
            session.execute("select from public.feed(page_size => 1)")
            ready.wait()
            for number in range(first, first + 50):
                session.execute(SIGN_IN, [f"fan {number}"])
                session.execute(LIKE.encode(), [video])

    threads = [threading.Thread(target=like, args=(n * 50,)) for n in range(10)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - began
    owner.execute("select private.fold_pending()")

    told = likes_told(owner, video)
    # One at once, one for each whole second it took on a busy machine, one by the job.
    assert 2 <= len(told) <= 2 + int(seconds), (told, seconds)
    assert told[-1] == 500
    assert told == sorted(told)
    assert value(owner, "select count(*) from private.video_deltas") == 0
    owner.execute("select private.fold_pending()")
    assert likes_told(owner, video) == told


def test_messages_hold_nothing_of_who_did_it(owner: Connection, shared: Database) -> None:
    video = value(owner, "select tests.video('ada')")
    with psycopg.connect(shared.user_url, autocommit=True) as session:
        session.execute(SIGN_IN, ["a very telling name"])
        session.execute(LIKE.encode(), [video])
        session.execute("select public.add_video_comment(%s, 'a telling text')", [video])
        session.execute("select public.record_view(%s)", [video])
    owner.execute("select private.fold_pending()")
    sent = owner.execute(
        "select topic, event, payload from realtime.messages where payload ->> 'video_id' = %s",
        [str(video)],
    ).fetchall()
    assert {topic for topic, _, _ in sent} == {f"video:{video}", "user:ada"}
    assert "telling" not in json.dumps([payload for _, _, payload in sent])


def test_a_like_does_not_wait_for_who_is_sending(
    connect: Connect, owner: Connection, video: Any
) -> None:
    bob, carol = connect("bob"), connect("carol")
    # Nobody has liked it before: bob is making the row when carol comes.
    assert value(bob, LIKE, video) == 1
    assert value(carol, LIKE, video) == 1
    carol.commit()
    assert likes_told(owner, video) == []
    bob.commit()
    assert likes_told(owner, video) == [1]

    # Nor for who has the row, whatever for. The job leaves the video for its next run.
    holder, dan = connect(), connect("dan")
    age = "update private.video_announcements set sent_at = sent_at - interval '1 s' where true"
    owner.execute(age)
    holder.execute(ROW, [video])
    assert value(dan, LIKE, video) == 3
    dan.commit()
    owner.execute("select private.fold_pending()")
    assert likes_told(owner, video) == [1]
    holder.rollback()
    owner.execute("select private.fold_pending()")
    assert likes_told(owner, video) == [1, 3]
    assert value(owner, "select count(*) from private.video_deltas") == 0


def test_who_comes_second_when_both_could_send_leaves_it_to_the_first(
    connect: Connect, owner: Connection, video: Any
) -> None:
    announce = "select private.announce_counts(%s)"
    owner.execute("insert into private.video_deltas (video_id, likes) values (%s, 1)", [video])
    first, second = connect(), connect()
    assert value(first, announce, video) is True
    assert value(second, announce, video) is False
    first.commit()
    assert value(second, announce, video) is False
    assert likes_told(owner, video) == [1]


def test_a_like_does_not_wait_for_a_message_about_another_video(
    connect: Connect, owner: Connection, video: Any
) -> None:
    other = value(owner, "select tests.video('ada')")
    bob, carol = connect("bob"), connect("carol")
    value(bob, LIKE, video)
    value(carol, LIKE, other)
    carol.commit()
    assert likes_told(owner, other) == []
    bob.commit()
    # The next change tells, and so would the job.
    dan = connect("dan")
    value(dan, LIKE, other)
    dan.commit()
    assert likes_told(owner, other) == [2]
    owner.execute("select private.fold_pending()")
    assert likes_told(owner, video) == [1]
    assert likes_told(owner, other) == [2]


def test_what_is_taken_back_is_told_to_nobody(
    connect: Connect, owner: Connection, video: Any
) -> None:
    bob = connect("bob")
    value(bob, LIKE, video)
    bob.rollback()
    assert likes_told(owner, video) == []
    assert value(connect("carol"), LIKE, video) == 1


def test_a_like_under_an_older_snapshot_is_told_by_the_job(
    connect: Connect, owner: Connection, video: Any
) -> None:
    reader = connect()
    reader.rollback()
    reader.execute("set transaction isolation level repeatable read")
    reader.execute("select from public.videos limit 1")
    owner.execute("insert into private.video_deltas (video_id, likes) values (%s, 1)", [video])
    owner.execute("select private.announce_counts(%s)", [video])
    reader.execute("select private.increment_video_likes(%s)", [video])
    reader.commit()
    assert likes_told(owner, video) == [1]
    owner.execute("select private.fold_pending()")
    assert likes_told(owner, video) == [1, 2]


def test_one_job_announces_removals_and_the_others_do_not_wait(
    connect: Connect, owner: Connection
) -> None:
    old = value(owner, "select tests.video('ada', interval '14 days')")
    owner.execute(
        "update private.expiry_progress set announced_up_to = now() - interval '14 days 1 minute'"
        " where true"
    )
    first, second = connect(), connect()
    assert value(first, "select private.announce_removals()") == 1
    assert value(second, "select private.announce_removals()") == 0
    first.commit()
    second.commit()
    assert value(second, "select private.announce_removals()") == 0
    sent = owner.execute(SENT.encode(), [old]).fetchall()
    assert [event for event, _ in sent] == ["removed"]


def test_a_suspended_person_is_told_nothing_from_the_commit_on(
    connect: Connect, owner: Connection
) -> None:
    video = value(owner, "select tests.video('bob')")
    owner.execute("select ops.suspend_user('bob', reason => 'spam')")
    carol = connect("carol")
    carol.execute("select public.add_video_comment(%s, 'hi')", [video])
    carol.commit()
    owner.execute("select private.fold_pending()")
    owner.execute("select ops.hide_video(%s, 'spam')", [video])
    told = owner.execute("select event from realtime.messages where topic = 'user:bob'")
    assert told.fetchall() == [("suspended",)]
