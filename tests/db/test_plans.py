"""A page costs the same at any depth and however many videos there are.

What is looked at is the plan the function's own statement got, and the pages it read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest

from tests.support.plans import Plan, explaining, plan_of
from tests.support.server import Database

SMALL = 500
LARGE = 50 * SMALL
READER = "reader"
NEWEST = "ffffffff-ffff-ffff-ffff-ffffffffffff"

# A fortnight of videos, of 50 people, liked by the reader and two others each. A few comments on
# every twelfth video, and on the newest one for every fifth video there is: a planner that knows
# the average expects so few rows that it would sort them.
# Past the triggers, which would take minutes.
FILL = """
set session_replication_role = replica;

select private.ensure_day(day::date)
from generate_series(now() - interval '14 days', now(), interval '1 day') as day;

insert into public.user_profiles (user_id)
select 'person-' || n from generate_series(1, 2000) as n union all select 'reader';

insert into public.user_blocks (user_id, blocked_user_id)
select 'reader', 'blocked-' || n from generate_series(1, 10) as n;

insert into public.videos (id, user_id, title, video_url, created_at, views_count)
select
    private.uuid_v7(at),
    'person-' || n % 50 + 1,
    'title',
    'https://x/' || n,
    at,
    n % 997
from (
    select n, now() - interval '1 hour' - n * (interval '13 days' / {videos}) as at
    from generate_series(1, {videos}) as n
) as made;

insert into public.video_likes (video_id, user_id)
select v.id, u.user_id
from public.videos as v
cross join lateral (
    values ('reader'), ('person-' || v.views_count + 1), ('person-' || v.views_count + 1001)
) as u (user_id);

insert into public.video_comments (id, video_id, user_id, text)
select
    private.uuid_v7(now() - n * interval '1 second'),
    (select max(v.id::text)::uuid from public.videos as v),
    'person-' || n % 50 + 1,
    'hello'
from generate_series(1, {videos} / 5) as n;

insert into public.video_comments (id, video_id, user_id, text)
select private.uuid_v7(v.created_at + n * interval '1 hour'), v.id, 'person-1', 'hello'
from (select v.id, v.created_at from public.videos as v limit {videos} / 12) as v
cross join generate_series(1, 20) as n
order by md5(v.id::text || n);

insert into private.video_deltas (video_id, views)
select v.id, 1 from public.videos as v order by v.id desc limit {videos} / 5;

select private.refresh_trending();
"""


@dataclass(frozen=True, slots=True)
class Sample:
    """A filled database, and where its pages begin."""

    database: Database
    video: str
    deep_video: str
    deep_comment: str
    deep_trending: str

    def calls(self) -> dict[str, tuple[str, str, tuple[str, ...]]]:
        """Each page by name: the call, what its statement reads, the values it was given."""
        feed = "public.video_feed"
        comments = "public.video_comment_feed"
        person, video, deep = "person-7", self.video, self.deep_video
        return {
            "feed": ("select * from public.feed()", feed, (NEWEST,)),
            "feed, deep": (f"select * from public.feed('{deep}')", feed, (deep,)),
            "user_videos": (
                f"select * from public.user_videos('{person}', page_size => 5)",
                feed,
                (NEWEST, person),
            ),
            "user_videos, deep": (
                f"select * from public.user_videos('{person}', '{deep}', 5)",
                feed,
                (deep, person),
            ),
            "my_likes": ("select * from public.my_likes()", feed, (NEWEST, READER)),
            "my_likes, deep": (
                f"select * from public.my_likes('{deep}')",
                feed,
                (deep, READER),
            ),
            "trending_feed": ("select * from public.trending_feed()", feed, ()),
            "trending_feed, deep": (
                f"select * from public.trending_feed('{self.deep_trending}')",
                feed,
                tuple(self.deep_trending.split(".")[:1]),
            ),
            "trending_videos": (
                "select * from public.trending_videos order by rank limit 10",
                "public.trending_videos",
                (),
            ),
            "get_video": (f"select * from public.get_video('{video}')", feed, (video,)),
            "video_comments_page": (
                f"select * from public.video_comments_page('{video}')",
                comments,
                (NEWEST, video),
            ),
            "video_comments_page, deep": (
                f"select * from public.video_comments_page('{video}', '{self.deep_comment}')",
                comments,
                (self.deep_comment, video),
            ),
        }


def filled(database: Database, videos: int) -> Sample:
    """Fill a database. Deep pages begin a few pages before the end."""
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(FILL.format(videos=videos).encode())
        admin.execute("reset session_replication_role")
        admin.execute("analyze")
        row = admin.execute(
            """
            select
                (select max(id::text) from public.videos),
                (select id::text from public.videos order by id offset 300 limit 1),
                (
                    select id::text from public.video_comments
                    where video_id = (select max(v.id::text)::uuid from public.videos as v)
                    order by id offset 20 limit 1
                ),
                (
                    select max(epoch) || '.' || max(rank) - 20
                    from private.trending
                )
            """
        ).fetchone()
    assert row is not None
    return Sample(database, *row)


@pytest.fixture(scope="module")
def small(clone_database: Callable[[], Database]) -> Sample:
    return filled(clone_database(), SMALL)


@pytest.fixture(scope="module")
def large(clone_database: Callable[[], Database]) -> Sample:
    return filled(clone_database(), LARGE)


CALLS = tuple(Sample(None, *("",) * 3, ".").calls())  # type: ignore[arg-type]
ROLES = ("anon", "authenticated")
AS_ROLE = [
    (call, role)
    for call in CALLS
    for role in ROLES
    if not (role == "anon" and call.startswith("my_likes"))
]


def plan(sample: Sample, call: str, role: str) -> tuple[Plan, list[str]]:
    """Return how a page is read, and what is wrong with that."""
    statement, reading, literals = sample.calls()[call]
    user_id = READER if role == "authenticated" else None
    with explaining(sample.database, role, user_id) as session:
        found = plan_of(session, statement, reading)
    return found, found.faults(literals)


@pytest.mark.parametrize(("call", "role"), AS_ROLE)
def test_a_page_is_read_by_indexes_with_a_kept_plan(large: Sample, call: str, role: str) -> None:
    _, faults = plan(large, call, role)
    assert faults == []


@pytest.mark.parametrize(("call", "role"), AS_ROLE)
def test_a_page_of_fifty_times_the_videos_reads_the_same_number_of_pages(
    small: Sample, large: Sample, call: str, role: str
) -> None:
    few, many = plan(small, call, role)[0].pages, plan(large, call, role)[0].pages
    # Trees may be a level higher: one page more for each row and table that is looked up.
    assert many <= 1.6 * few


@pytest.mark.parametrize(
    ("call", "role"), [(call, role) for call, role in AS_ROLE if f"{call}, deep" in CALLS]
)
def test_a_deep_page_reads_the_same_number_of_pages_as_the_first(
    large: Sample, call: str, role: str
) -> None:
    first, deep = plan(large, call, role)[0].pages, plan(large, f"{call}, deep", role)[0].pages
    assert deep <= 1.2 * first


@dataclass(frozen=True, slots=True)
class Mistake:
    """A change to a function that looks harmless, and how it shows."""

    function: str
    before: str
    after: str
    call: str
    symptom: str


MISTAKES = {
    "planned anew": Mistake(
        "public.feed(uuid, integer)",
        "SET plan_cache_mode TO 'force_generic_plan'",
        "",
        "feed, deep",
        "knows",
    ),
    "a cursor that is an expression": Mistake(
        "public.feed(uuid, integer)",
        "f.id < v_before",
        "f.id < coalesce(feed.before, v_before)",
        "feed, deep",
        "throws rows away",
    ),
    "a cursor no index knows": Mistake(
        "public.feed(uuid, integer)",
        "where f.id < v_before",
        "where f.id::text < v_before::text",
        "feed, deep",
        "throws rows away",
    ),
    "free to sort": Mistake(
        "public.user_videos(text, uuid, integer)",
        "SET enable_sort TO 'off'",
        "",
        "user_videos",
        "Sort",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_would_show(large: Sample, mistake: Mistake) -> None:
    with psycopg.connect(large.database.admin_url, autocommit=True) as admin:
        query = "select pg_get_functiondef(%s::regprocedure)"
        row = admin.execute(query, [mistake.function]).fetchone()
        assert row is not None
        right = row[0]
        wrong = right.replace(mistake.before, mistake.after)
        assert wrong != right
        admin.execute(wrong)
        try:
            _, faults = plan(large, mistake.call, "anon")
        finally:
            admin.execute(right)
    assert any(mistake.symptom in fault for fault in faults), faults


def test_a_policy_that_asks_for_every_row_would_show(large: Sample) -> None:
    right = (
        "private.can_see_video(videos, (select private.oldest_visible_id()), "
        "(select private.oldest_visible_at()), (select private.blocked_user_ids()))"
    )
    change = "alter policy select_visible on public.videos using ({})"
    with psycopg.connect(large.database.admin_url, autocommit=True) as admin:
        admin.execute(change.format(right.replace("(select ", "(")).encode())
        try:
            _, faults = plan(large, "feed", "authenticated")
        finally:
            admin.execute(change.format(right).encode())
    assert any("calls blocked_user_ids(" in fault for fault in faults), faults


def test_a_ranking_reads_what_is_new_or_moves(large: Sample) -> None:
    """Not all videos, and yet an old one that people react to now."""
    still, moving = large.deep_video, "(select min(id::text)::uuid from public.videos)"
    with psycopg.connect(large.database.admin_url, autocommit=True) as admin:
        admin.execute(
            "update public.videos set views_count = 1000000000"
            f" where id in ('{still}', {moving})".encode()
        )
        admin.execute(f"insert into private.video_deltas (video_id) select {moving}".encode())
        admin.execute("update private.trending set epoch = epoch - 1 where true")
        with explaining(large.database, "postgres", None) as session:
            call = "select private.refresh_trending()"
            ranking = plan_of(session, call, "candidates as (", warm=False)
        best = admin.execute(
            "select video_id from private.trending where rank = 1 order by epoch desc limit 1"
        ).fetchone()
        oldest = admin.execute(f"select {moving}".encode()).fetchone()
    assert best == oldest
    reads = {n["Node Type"] for n in ranking.executed() if n.get("Relation Name") == "videos"}
    assert reads == {"Index Scan"}
