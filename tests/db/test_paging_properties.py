"""Whoever pages while others write meets nothing twice and misses nothing that stays.

Several people read different lists, page by page, in turns with publications, deletions, hidings,
likes and comments at random. Every turn is committed before the next.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, LiteralString

import psycopg
import pytest

from tests.support.server import Database

Session = psycopg.Connection[Any]

OWNERS = ("ada", "bob", "carol")
READER = "reader"
TURNS = 400
# Without the helper that locks the owner's profile: somebody publishes and does not commit yet.
PUBLISH = """
insert into public.videos (id, user_id, video_url)
values (private.uuid_v7(), %s, 'https://x/')
returning id
"""

# What a reader of each list has to meet when he begins: the same rows, asked in one statement.
LISTS = {
    "feed": "select id from public.feed({before}, {size})",
    "user_videos": "select id from public.user_videos('ada', {before}, {size})",
    "my_likes": "select id from public.my_likes({before}, {size})",
    "comments": "select id from public.video_comments_page('{video}', {before}, 1, {size})",
    "trending_feed": "select id, cursor from public.trending_feed({before}, {size})",
}
WHOLE = {
    "feed": "select id from public.video_feed",
    "user_videos": "select id from public.video_feed where user_id = 'ada'",
    "my_likes": "select id from public.video_feed where liked_by_me",
    "comments": "select id from public.video_comment_feed where video_id = '{video}'",
    "trending_feed": "select id from public.trending_videos",
}


def speaking(database: Database, role: str, user_id: str | None) -> Session:
    session = psycopg.connect(database.admin_url, autocommit=True)
    claims = f'{{"sub": "{user_id}"}}' if user_id else "{}"
    session.execute("select set_config('request.jwt.claims', %s, false)", [claims])
    session.execute(f"set role {role}".encode())
    return session


@dataclass
class Pager:
    """Somebody who reads one list to its end."""

    session: Session
    kind: str
    video: str
    size: int
    expected: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    cursor: str | None = None
    finished: bool = False

    def begin(self) -> None:
        """Note what is there."""
        rows = self.session.execute(WHOLE[self.kind].format(video=self.video).encode())
        self.expected = {str(row[0]) for row in rows.fetchall()}

    def turn(self, gone: set[str]) -> None:
        """Read a page; nothing that is gone may be on it."""
        before = "null" if self.cursor is None else f"'{self.cursor}'"
        query = LISTS[self.kind].format(before=before, size=self.size, video=self.video)
        rows = self.session.execute(query.encode()).fetchall()
        ids = [str(row[0]) for row in rows]
        assert not gone & set(ids), f"{self.kind} shows what is gone"
        self.seen += ids
        if rows:
            self.cursor = str(rows[-1][-1])
        self.finished = len(rows) < self.size

    def check(self, left: set[str]) -> None:
        """Compare with what was there; `left` are the rows that went, or came back, meanwhile."""
        assert len(self.seen) == len(set(self.seen)), f"{self.kind} repeats"
        missed = self.expected - set(self.seen) - left
        assert not missed, f"{self.kind} by {self.size} misses {len(missed)}"
        if self.kind != "trending_feed":
            assert self.seen == sorted(self.seen, reverse=True), f"{self.kind} is not in order"


class World:
    """Videos and comments, and what happens to them."""

    def __init__(self, database: Database, dice: random.Random) -> None:
        self.dice = dice
        self.admin = psycopg.connect(database.admin_url, autocommit=True)
        self.late = psycopg.connect(database.admin_url)
        self.reader = speaking(database, "authenticated", READER)
        self.stranger = speaking(database, "anon", None)
        for session in (self.admin, self.late, self.reader, self.stranger):
            session.execute("set statement_timeout = '5s'")
        self.late.commit()
        self.gone: set[str] = set()
        # Gone, hidden, unliked at any time: nobody needs to meet these.
        self.touched: set[str] = set()
        self.comments: set[str] = set()
        self.rankings = 0
        for table in ("videos", "user_blocks"):
            self.admin.execute(f"delete from public.{table} where true".encode())
        self.admin.execute("delete from private.trending where true")
        for owner in OWNERS:
            self.one("select tests.person(%s)", owner)
        self.videos: list[str] = []
        for _ in range(40):
            self.publish()
        self.talk = self.videos[20]
        for _ in range(30):
            self.like()
            self.comment()
        self.rank()

    def one(self, query: LiteralString, *parameters: Any) -> str:
        row = self.admin.execute(query, parameters).fetchone()
        assert row is not None
        return str(row[0])

    def some_video(self) -> str:
        return self.dice.choice(self.videos)

    def publish(self) -> None:
        self.videos.append(self.one(PUBLISH, self.dice.choice(OWNERS)))

    def publish_late(self) -> None:
        """Publish without committing; what was begun before is committed."""
        self.late.commit()
        row = self.late.execute(PUBLISH, [self.dice.choice(OWNERS)]).fetchone()
        assert row is not None
        self.touched.add(str(row[0]))

    def delete(self) -> None:
        video = self.some_video()
        if video != self.talk:
            self.remove("deleted_at", video)
            self.videos.remove(video)

    def hide_or_show(self) -> None:
        video = self.some_video()
        if video == self.talk:
            return
        if video in self.gone:
            self.admin.execute("update public.videos set hidden_at = null where id = %s", [video])
            self.gone.discard(video)
        else:
            self.remove("hidden_at", video)

    def remove(self, column: str, video: str) -> None:
        statement = f"update public.videos set {column} = now() where id = %s"
        self.admin.execute(statement.encode(), [video])
        self.gone.add(video)
        self.touched.add(video)

    def like(self) -> None:
        video = self.some_video()
        if video not in self.gone:
            self.reader.execute("select public.like_video(%s, true)", [video])

    def unlike(self) -> None:
        """Take a like back: the video stays in every list but one."""
        self.reader.execute(
            "delete from public.video_likes where video_id = %s", [video := self.some_video()]
        )
        self.touched.add(f"like {video}")

    def comment(self) -> None:
        self.comments.add(self.one("select tests.comment(%s, 'dora')", self.talk))

    def uncomment(self) -> None:
        comment = self.dice.choice(sorted(self.comments))
        self.admin.execute("delete from public.video_comments where id = %s", [comment])
        self.comments.discard(comment)
        self.gone.add(comment)
        self.touched.add(comment)

    def rank(self) -> None:
        """Let a minute pass: everything has other counts, and there is another ranking."""
        self.rankings += 1
        with self.admin.transaction():
            self.admin.execute(
                "update public.videos set views_count = mod(hashtext(id::text || %s)::bigint"
                " + 2147483648, 10000) where true",
                [str(self.rankings)],
            )
            self.admin.execute("select private.refresh_trending()")
            self.admin.execute(
                "update private.trending set epoch = epoch - 59 + %s"
                " where epoch = (select max(epoch) from private.trending)",
                [self.rankings],
            )

    def happen(self) -> None:
        """Something, at random."""
        happenings: tuple[tuple[Callable[[], None], int], ...] = (
            (self.publish, 6),
            (self.publish_late, 2),
            (self.delete, 2),
            (self.hide_or_show, 3),
            (self.like, 4),
            (self.unlike, 1),
            (self.comment, 5),
            (self.uncomment, 2),
            (self.rank, 1 if self.rankings < 50 else 0),
        )
        (chosen,) = self.dice.choices(
            [one for one, _ in happenings], [weight for _, weight in happenings]
        )
        chosen()

    def somebody(self, kind: str) -> Pager:
        signed_in = kind == "my_likes" or self.dice.random() < 0.5
        session = self.reader if signed_in else self.stranger
        pager = Pager(session, kind, self.talk, self.dice.randint(1, 7))
        pager.begin()
        return pager

    def left(self, kind: str) -> set[str]:
        if kind != "my_likes":
            return self.touched
        unliked = {one.removeprefix("like ") for one in self.touched if one.startswith("like ")}
        return self.touched | unliked

    def close(self) -> None:
        for session in (self.admin, self.late, self.reader, self.stranger):
            session.close()


@pytest.fixture
def make_world(shared: Database) -> Iterator[Callable[[int], World]]:
    worlds: list[World] = []

    def make(seed: int) -> World:
        worlds.append(World(shared, random.Random(seed)))  # noqa: S311 - no secret
        return worlds[-1]

    yield make
    for world in worlds:
        world.close()


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 13))]
)
def test_paging_repeats_nothing_and_misses_nothing_that_stays(
    make_world: Callable[[int], World], seed: int
) -> None:
    world = make_world(seed)
    pagers: list[Pager] = []
    read = dict.fromkeys(LISTS, 0)
    kinds = cycle(LISTS)
    for _ in range(TURNS):
        if len(pagers) < 2 * len(LISTS):
            pagers.append(world.somebody(next(kinds)))
        world.happen()
        pager = world.dice.choice(pagers)
        pager.turn(world.gone)
        if pager.finished:
            pager.check(world.left(pager.kind))
            pagers.remove(pager)
            read[pager.kind] += 1
    assert min(read.values()) > 0, read
