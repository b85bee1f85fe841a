"""Rows by the million, in minutes: videos at an even pace, people, and what they do.

They are inserted the way a restore inserts them, without triggers and foreign keys. Checks,
unique indexes and types hold as ever, and every row is one that a client could have made.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from psycopg import sql

from bench.servers import as_admin, as_owner, progress
from tests.support.server import Database

HELPERS = Path(__file__).parent / "sql" / "helpers.sql"
CHUNK = 100_000  # rows in a statement
LOADERS = 2  # at a time


@dataclass(frozen=True)
class Videos:
    """So many videos, published at an even pace."""

    first_at: datetime
    count: int
    span: timedelta

    @property
    def step(self) -> timedelta:
        """The time between two of them."""
        return self.span / self.count


@dataclass(frozen=True)
class Each:
    """What each video has."""

    likes: int = 0
    viewers: int = 0
    comments: int = 0
    has_file: bool = True


def give_helpers(database: Database) -> None:
    """Make the functions that scripts and loading use."""
    with as_owner(database) as owner:
        owner.execute(HELPERS.read_bytes())


def number_videos(database: Database, videos: Videos) -> None:
    """Make `bench.video_id(number)`, the ids of these videos from 0, the oldest, on."""
    body = sql.SQL(
        "create or replace function bench.video_id(number bigint) returns uuid "
        "language sql immutable parallel safe "
        "return bench.timed_id({first} + number * {step}, number)"
    )
    with as_owner(database) as owner:
        owner.execute(
            body.format(
                first=sql.SQL("timestamptz {}").format(sql.Literal(videos.first_at.isoformat())),
                step=sql.SQL("interval {}").format(_microseconds(videos.step)),
            )
        )


def load_people(database: Database, people: int) -> None:
    """Give the people numbered from 1 on a profile."""
    with as_admin(database) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute(
            """
            insert into public.user_profiles (user_id, username)
            select bench.person(n), 'person_' || n
            from generate_series(1, %s) as n
            """,
            [people],
        )
        admin.execute("vacuum analyze public.user_profiles")


def load_videos(database: Database, videos: Videos, each: Each, *, people: int) -> None:
    """Insert videos with all that belongs to them, and gather statistics."""
    _insert(database, "videos", VIDEOS, videos, each, people=people, copies=1)
    _insert(database, "files", FILES, videos, each, people=people, copies=int(each.has_file))
    _insert(database, "likes", LIKES, videos, each, people=people, copies=each.likes)
    _insert(database, "viewers", VIEWERS, videos, each, people=people, copies=each.viewers)
    _insert(database, "comments", COMMENTS, videos, each, people=people, copies=each.comments)
    with as_admin(database) as admin:
        admin.execute(
            "vacuum analyze public.videos, private.video_files, public.video_likes,"
            " private.video_viewers, public.video_comments, private.video_deltas"
        )


def add_pending(database: Database, videos: Videos, *, newest: int, each: int) -> None:
    """Leave counts of the newest videos unfolded, as traffic does."""
    with as_admin(database) as admin:
        admin.execute(
            """
            insert into private.video_deltas (video_id, views)
            select bench.video_id(n), 1
            from generate_series(%s::bigint, %s::bigint - 1) as n, generate_series(1, %s)
            """,
            [max(0, videos.count - newest), videos.count, each],
        )
        admin.execute("vacuum analyze private.video_deltas")


def _insert(
    database: Database,
    what: str,
    statement: str,
    videos: Videos,
    each: Each,
    *,
    people: int,
    copies: int,
) -> None:
    """Insert so many rows a video, some hundred thousand at a time."""
    if not copies:
        return
    common = {
        "first_at": videos.first_at,
        "step_us": _in_microseconds(videos.step),
        "people": people,
        "copies": copies,
        "likes": each.likes,
        "viewers": each.viewers,
        "comments": each.comments,
    }
    in_a_chunk = max(1, CHUNK // copies)

    def insert(begin: int) -> int:
        end = min(begin + in_a_chunk, videos.count)
        with as_admin(database) as admin:
            admin.execute("set session_replication_role = replica")
            admin.execute(statement.encode(), {**common, "begin": begin, "end": end - 1})
        return (end - begin) * copies

    done, told, rows = 0, 0, videos.count * copies
    with ThreadPoolExecutor(LOADERS) as loaders:
        for inserted in loaders.map(insert, range(0, videos.count, in_a_chunk)):
            done += inserted
            if done - told >= 10 * CHUNK or (done == rows and told):
                told = done
                progress(f"  {what}: {done:,} of {rows:,}")


def _in_microseconds(length: timedelta) -> int:
    return length // timedelta(microseconds=1)


def _microseconds(length: timedelta) -> sql.Literal:
    return sql.Literal(f"{_in_microseconds(length)} microseconds")


# Reckoned once a row: without "offset 0" each mention would be reckoned anew.
NUMBERED = """
from (
    select
        n,
        at,
        bench.timed_id(at, n) as id,
        to_char(at at time zone 'utc', 'YYYY-MM-DD/HH24') || '/' || bench.timed_id(at, n) as path
    from (
        select n, %(first_at)s::timestamptz + n * (%(step_us)s * interval '1 microsecond') as at
        from generate_series(%(begin)s::bigint, %(end)s::bigint) as n
    ) as numbered
    offset 0
) as v
"""
COPIED = NUMBERED + "cross join generate_series(1, %(copies)s) as k\n"

VIDEOS = (
    """
insert into public.videos (
    id, title, description, video_url, thumbnail_url, user_id,
    views_count, likes_count, comments_count, created_at, updated_at
)
select
    v.id,
    'Video number ' || v.n || ' of a long summer',
    repeat('What there is to see is told in a sentence or two. ', 4),
    'https://ik.example.com/bench/videos/' || v.path || '.mp4',
    'https://ik.example.com/bench/videos/' || v.path || '.jpg',
    bench.person(1 + v.n * 7919 %% %(people)s),
    %(viewers)s, %(likes)s, %(comments)s, v.at, v.at
"""
    + NUMBERED
)

FILES = (
    """
insert into private.video_files (video_id, file_id, file_path, bytes)
select
    v.id,
    replace(v.id::text, '-', ''),
    '/videos/' || v.path || '.mp4',
    5000000
"""
    + NUMBERED
)

LIKES = (
    """
insert into public.video_likes (video_id, user_id, created_at)
select
    v.id,
    bench.person(1 + (v.n * 31 + k * 7919) %% %(people)s),
    v.at + k * interval '1 minute'
"""
    + COPIED
)

# One viewer in three is signed in; of the others there is a hash, which is longer.
VIEWERS = (
    """
insert into private.video_viewers (video_id, viewer_key, viewed_from)
select
    v.id,
    case
        when k %% 3 = 0 then 'user:' || bench.person(1 + (v.n * 31 + k * 7919) %% %(people)s)
        else 'address:' || encode(sha256(convert_to(v.n || ' ' || k, 'utf8')), 'hex')
    end,
    date_bin(interval '30 minutes', v.at + k * interval '1 minute', timestamptz 'epoch')
"""
    + COPIED
)

COMMENTS = (
    """
insert into public.video_comments (id, video_id, user_id, text, created_at)
select
    bench.timed_id(v.at + k * interval '1 minute', v.n * 64 + k),
    v.id,
    bench.person(1 + (v.n * 31 + k * 7919) %% %(people)s),
    'Comment ' || k || ': how very well observed, and how true.',
    v.at + k * interval '1 minute'
"""
    + COPIED
)
