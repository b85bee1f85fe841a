"""The video everybody likes: its owner deletes it at once, and its rows go in even batches."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.limits import widen
from tests.support.server import Database
from tests.support.sessions import PATIENCE, Connection, value

LIKES = """
insert into public.video_likes (video_id, user_id)
select %s, 'fan ' || n from generate_series(1, %s) as n
"""
COMMENTS = """
insert into public.video_comments (id, video_id, user_id, text)
select private.uuid_v7(now() + n * interval '1 ms'), %s, 'bob', 'hello'
from generate_series(1, %s) as n
"""
VIEWERS = """
insert into private.video_viewers (video_id, viewer_key, viewed_from)
select %s, 'user:fan ' || n, now() from generate_series(1, %s) as n
"""
SIGN_IN = """
select set_config('request.jwt.claims', json_build_object('sub', %s::text)::text, false)
"""
PURGE = "select private.purge_deleted_videos()"


@pytest.fixture(scope="module")
def database(clone_database: Callable[[], Database]) -> Database:
    clone = clone_database()
    widen(clone.owner_url)
    pgtap.prepare(clone.admin_url)
    return clone


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.owner_url, autocommit=True) as session:
        session.execute(PATIENCE)
        session.execute("select private.ensure_days(), tests.person('bob')")
        yield session


@pytest.fixture
def ada(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.user_url, autocommit=True) as session:
        session.execute(PATIENCE)
        session.execute(SIGN_IN, ["ada"])
        yield session


def hot_video(owner: Connection, likes: int, comments: int, viewers: int = 0) -> Any:
    video = value(owner, "select tests.video('ada')")
    owner.execute(LIKES, [video, likes])
    owner.execute(COMMENTS, [video, comments])
    owner.execute(VIEWERS, [video, viewers])
    return video


class Crowd:
    """People who like, comment on and look at one video all the time, and wait for nobody."""

    def __init__(self, database: Database, size: int) -> None:
        self.database = database
        self.video: Any = None
        self.stopped = threading.Event()
        self.faults: list[str] = []
        self.likes = 0
        self.threads = [threading.Thread(target=self._live, args=(n,)) for n in range(size)]

    def _live(self, number: int) -> None:
        with psycopg.connect(self.database.user_url, autocommit=True) as session:
            session.execute(PATIENCE)
            session.execute(SIGN_IN, [f"person {number}"])
            for turn in count():
                if self.stopped.is_set():
                    return
                query = (
                    "select public.add_video_comment(%s, 'hello')"
                    if turn % 8 == 0
                    else "select public.like_video(%s, null)"
                )
                try:
                    session.execute(query.encode(), [self.video])
                    self.likes += 1
                except psycopg.Error as error:
                    if error.sqlstate != "PT404":
                        self.faults.append(f"{error.sqlstate} {error}")

    @contextmanager
    def around(self, video: Any) -> Iterator[None]:
        self.video = video
        for thread in self.threads:
            thread.start()
        try:
            yield
        finally:
            self.stopped.set()
            for thread in self.threads:
                thread.join()


def timed(session: Connection, query: str, *parameters: Any) -> float:
    began = time.perf_counter()
    session.execute(query.encode(), parameters)
    return time.perf_counter() - began


def purge(owner: Connection) -> list[int]:
    """Purge until nothing is left; gives what each call removed."""
    return list(iter(lambda: value(owner, PURGE), 0))


def delete_while_they_like_it(
    database: Database, ada: Connection, owner: Connection, videos: list[Any]
) -> list[float]:
    """Delete one video after the other in the midst of its crowd; gives what each took."""
    times = []
    crowd = Crowd(database, 4)
    with crowd.around(videos[0]):
        for video in videos:
            crowd.video = video
            liked = crowd.likes
            while crowd.likes < liked + 20 and not crowd.faults:
                time.sleep(0.001)
            times.append(timed(ada, "select public.delete_video(%s)", video))
            # Its rows begin to go while the crowd still asks for it.
            value(owner, PURGE)
        purge(owner)
    assert crowd.faults == []
    left = "select count(*) from public.videos where id = any(%s)"
    assert value(owner, left, videos) == 0
    return sorted(times)


def test_a_hot_video_is_deleted_and_purged_and_nobody_waits(
    database: Database, owner: Connection, ada: Connection
) -> None:
    videos = [hot_video(owner, 200, 20) for _ in range(10)]
    delete_while_they_like_it(database, ada, owner, videos)


@pytest.mark.slow
def test_the_owner_of_a_hot_video_is_answered_at_once(
    database: Database, owner: Connection, ada: Connection
) -> None:
    videos = [hot_video(owner, 100, 10) for _ in range(99)]
    videos.append(hot_video(owner, 40_000, 5_000))
    times = delete_while_they_like_it(database, ada, owner, videos)
    assert times[98] < 0.05, times


def entries_read(owner: Connection) -> int:
    owner.execute("select pg_stat_force_next_flush()")
    query = """
        select sum(s.idx_tup_read)::bigint from pg_stat_all_indexes as s
        where s.relname ~ '^video_(likes|viewers)_2' or s.relname = 'video_comments'
    """
    return int(value(owner, query))


def test_a_purge_reads_no_row_again_that_is_gone(
    database: Database, owner: Connection, ada: Connection
) -> None:
    video = hot_video(owner, 20_000, 12_000, 20_000)
    with psycopg.connect(database.owner_url) as reader:
        # As a dump does. What is deleted now stays in the indexes until it has ended.
        reader.execute("set transaction isolation level repeatable read")
        reader.execute("select from public.videos")
        ada.execute("select public.delete_video(%s)", [video])
        before = entries_read(owner)
        batches = purge(owner)
        read = entries_read(owner) - before
    assert sum(batches) == 52_001
    assert max(batches) == 5_000
    # Found, deleted, and looked for once more by the foreign keys when the video goes.
    assert read < 3 * sum(batches)


@pytest.mark.slow
def test_a_purge_takes_twice_as_long_for_twice_as_much(owner: Connection, ada: Connection) -> None:
    def duration(size: int) -> float:
        video = hot_video(owner, 8 * size, size, 8 * size)
        ada.execute("select public.delete_video(%s)", [video])
        began = time.perf_counter()
        purge(owner)
        return time.perf_counter() - began

    # The machine may be busy with something else for a moment.
    pairs = [(duration(2_500), duration(5_000)) for _ in range(5)]
    once, twice = (min(times) for times in zip(*pairs, strict=True))
    assert twice / once < 2.5, pairs
