"""Counters are what they count, whatever many people and jobs do to them at once."""

from __future__ import annotations

import random
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.limits import widen
from tests.support.server import Database
from tests.support.sessions import Connection, value

PEOPLE = ["ada", "bob", "carol", "dan"]
VIDEOS = 2

# Counting them takes long enough that somebody folds meanwhile.
FANS = """
insert into public.video_likes (video_id, user_id)
select %s, 'fan ' || n from generate_series(1, 2000) as n
"""

HAPPENS = ["like", "unlike", "comment", "view", "repair"]

# Nobody here waits for long: what does is a fault.
LIMITS = "set lock_timeout = '10s'; set statement_timeout = '30s'"

DRIFT = "select day, video_id, counter, stored, counted from ops.counter_drift"

# Not by the view that is tested with it.
RECOUNT = """
select v.id, v.views_count, v.likes_count, v.comments_count, w.n, l.n, c.n
from public.videos as v
cross join lateral (
    select count(*) as n from private.video_viewers as r where r.video_id = v.id
) as w
cross join lateral (
    select count(*) as n from public.video_likes as r where r.video_id = v.id
) as l
cross join lateral (
    select count(*) as n from public.video_comments as r where r.video_id = v.id
) as c
"""

ORPHANS = """
select from private.video_deltas as d
where not exists (select from public.videos as v where v.id = d.video_id)
"""


class Life:
    """People who use a few videos, and jobs that tidy up behind them, all at random."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database = database
        self.seed = seed
        self.stopped = threading.Event()
        self.done: Counter[str] = Counter()
        self.faults: list[str] = []
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            self.videos = [self._publish(owner) for _ in range(VIDEOS)]

    def run(self, seconds: float) -> None:
        """Let five people, the jobs and two administrators loose on the videos."""
        workers = [self.person] * 5 + [self.jobs, self.administrator, self.mechanic]
        threads = [
            threading.Thread(target=self._guarded, args=(worker, random.Random(self.seed + n)))  # noqa: S311 - a life that can be repeated, no secret
            for n, worker in enumerate(workers)
        ]
        for thread in threads:
            thread.start()
        self.stopped.wait(seconds)
        self.stopped.set()
        for thread in threads:
            thread.join()

    def _guarded(self, worker: Callable[[random.Random], None], dice: random.Random) -> None:
        try:
            worker(dice)
        except Exception as error:
            self._fail(f"{worker.__name__}: {error!r}")

    def _try(self, session: Connection, name: str, query: str, *parameters: Any) -> Any:
        """Run a statement; a refusal that has a name is an answer like any other."""
        try:
            answer = value(session, query, *parameters)
        except psycopg.Error as error:
            # The second is that of a person who is at it four times at the same moment.
            if not (error.sqlstate or "").startswith(("PT", "PGRST")):
                self._fail(f"{name}: {error.sqlstate} {error}")
            self.done[f"{name}: {error.diag.message_primary}"] += 1
            return None
        self.done[name] += 1
        return answer

    def person(self, dice: random.Random) -> None:
        """Like, unlike, comment, take comments back, watch, delete what is one's own."""
        comments: list[tuple[Any, Any]] = []
        sign_in = (
            "select set_config("
            "'request.jwt.claims', json_build_object('sub', %s::text)::text, false)"
        )
        with psycopg.connect(self.database.user_url, autocommit=True) as session:
            session.execute(LIMITS)
            while not self.stopped.is_set():
                session.execute(sign_in, [dice.choice(PEOPLE)])
                video = dice.choice(self.videos)
                match dice.randrange(20):
                    case 0 | 1 | 2 | 3 | 4 | 5:
                        like = "select (public.like_video(%s, true)).likes_count"
                        self._never_negative(self._try(session, "like", like, video))
                    case 6 | 7 | 8 | 9:
                        unlike = "select (public.like_video(%s, false)).likes_count"
                        self._never_negative(self._try(session, "unlike", unlike, video))
                    case 10 | 11 | 12:
                        say = "select (public.add_video_comment(%s, 'hello')).id"
                        made = self._try(session, "comment", say, video)
                        comments.extend([(video, made)] if made else [])
                    case 13 | 14 if comments:
                        where = comments.pop(dice.randrange(len(comments)))
                        unsay = "select public.delete_video_comment(%s, %s)"
                        self._try(session, "uncomment", unsay, *where)
                    case 15 if dice.random() < 0.05:
                        self._try(session, "delete", "select public.delete_video(%s)", video)
                    case _:
                        self._try(session, "view", "select public.record_view(%s)", video)

    def jobs(self, dice: random.Random) -> None:
        """Do what cron does, only all the time."""
        jobs = [
            "private.fold_pending()",
            "private.announce_removals()",
            "private.prune_announcements()",
            "private.purge_deleted_videos()",
            "private.retire_expired_videos()",
            "private.check_drift()",
            "ops.repair_counters()",
        ]
        with psycopg.connect(self.database.owner_url, autocommit=True) as session:
            session.execute(LIMITS)
            while not self.stopped.is_set():
                job = dice.choice(jobs)
                self._try(session, job, f"select {job}")

    def administrator(self, dice: random.Random) -> None:
        """Publish anew what is gone, age videos, erase people, look at the drift."""
        age = (
            "update public.videos set created_at = now() - interval '15 days'"
            " where id = %s returning id"
        )
        with psycopg.connect(self.database.owner_url, autocommit=True) as session:
            session.execute(LIMITS)
            while not self.stopped.is_set():
                place = dice.randrange(VIDEOS)
                if not value(session, "select private.can_see_video(%s)", self.videos[place]):
                    self.videos[place] = self._publish(session)
                match dice.randrange(8):
                    case 0:
                        self._try(session, "age", age, self.videos[place])
                    case 1:
                        session.execute("select tests.video('ada', interval '16 days')")
                    case 2:
                        self._erase(session, dice.choice(PEOPLE))
                    case _:
                        drift = session.execute(DRIFT).fetchall()
                        if drift:
                            self._fail(f"drift while they are at it: {drift}")
                        self.done["look"] += 1

    def mechanic(self, dice: random.Random) -> None:
        """Repair and fold one video after the other, though there is nothing to repair."""
        with psycopg.connect(self.database.owner_url, autocommit=True) as session:
            session.execute(LIMITS)
            while not self.stopped.is_set():
                video = dice.choice(self.videos)
                try:
                    repaired = value(session, "select ops.repair_counters(%s)", video)
                except psycopg.errors.NoDataFound:
                    continue
                self.done["repair"] += 1
                if repaired:
                    self._fail("a repair found drift")

    def _publish(self, session: Connection) -> Any:
        self.done["publish"] += 1
        video = value(session, "select tests.video('ada')")
        session.execute(FANS, [video])
        return video

    def _erase(self, session: Connection, person: str) -> None:
        # In the order of the videos, as private.erase_person() does.
        with session.transaction():
            session.execute(
                "select from public.video_likes where user_id = %s order by video_id for update",
                [person],
            )
            session.execute("delete from public.video_likes where user_id = %s", [person])
        session.execute(
            "delete from private.video_viewers where viewer_key = %s", [f"user:{person}"]
        )
        self.done["erase"] += 1

    def _never_negative(self, likes: int | None) -> None:
        if likes is not None and likes < 0:
            self._fail(f"{likes} likes")

    def _fail(self, fault: str) -> None:
        self.faults.append(fault)
        self.stopped.set()


@pytest.fixture
def database(clone_database: Callable[[], Database]) -> Database:
    clone = clone_database()
    widen(clone.owner_url)
    pgtap.prepare(clone.admin_url)
    return clone


@pytest.fixture
def owner(database: Database) -> Iterator[Connection]:
    with psycopg.connect(database.owner_url, autocommit=True) as session:
        session.execute("select private.ensure_days()")
        yield session


@pytest.mark.parametrize("seconds", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_counters_are_what_they_count(
    database: Database, owner: Connection, seconds: float
) -> None:
    seed = secrets.randbits(32)
    print(f"seed: {seed}")
    life = Life(database, seed)
    life.run(seconds)
    print(life.done)
    assert life.faults == []
    assert min(life.done[what] for what in HAPPENS) > 0, life.done

    assert owner.execute(DRIFT).fetchall() == []
    while value(owner, "select private.fold_pending()"):
        pass
    assert owner.execute(ORPHANS).fetchall() == []
    rows = owner.execute(RECOUNT).fetchall()
    assert [row for row in rows if row[1:4] != row[4:7]] == []
    assert value(owner, "select count(*) from private.video_deltas") == 0
    assert value(owner, "select coalesce(sum(drifted), 0) from private.drift_checks") == 0
    assert owner.execute("select * from ops.alarms where kind = 'counter_drift'").fetchall() == []
