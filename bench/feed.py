"""Is a page of the feed as fast with five million videos, and ten thousand pages down?

`make bench-feed`. The same page by cursor and by offset, through row-level security and as the
owner, whom it does not bind, from databases of three sizes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import calls, loading, results
from bench.goals import Goal, at_most
from bench.loading import Each, Videos
from bench.pgbench import OWNER, USER, Median, Run, Target, run
from bench.rounds import interleaved
from bench.servers import Laboratory, as_owner, laboratory, machine, progress
from bench.tables import figure, ratio, table
from dev.stack import interrupts
from tests.support.limits import widen
from tests.support.server import Database

SIZES = (10_000, 1_000_000, 5_000_000)
PAGES = (1, 1_000, 10_000)
PAGE_SIZE = 20
SPAN = timedelta(days=13)
NEIGHBOURS = 50  # pages around the one that is meant, so that it is not always the same rows
PEOPLE = 20_000
WARM_UP = 100
READERS = 200
BY_CURSOR, BY_OFFSET, AS_OWNER = "cursor", "offset", "cursor, as the owner"

OFFSET_FUNCTION = """
create function bench.feed_by_offset(skipped bigint, page_size integer)
returns setof public.video_feed
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
begin
    -- Kind to it: what is skipped is walked over in the index of videos alone, without
    -- counts, likes and profiles.
    return query
    select f.*
    from (
        select v.id
        from public.videos as v
        order by v.id desc
        limit feed_by_offset.page_size
        offset feed_by_offset.skipped
    ) as p
    cross join lateral (
        select * from public.video_feed as o where o.id = p.id limit 1
    ) as f
    order by f.id desc;
end
$$;
"""


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    seconds: float = 3
    rounds: int = 5
    transactions: int | None = None  # a client, instead of seconds
    sizes: Sequence[int] = SIZES
    pages: Sequence[int] = PAGES


@dataclass(frozen=True)
class Case:
    """One page of one database, fetched in one way."""

    size: int
    page: int
    way: str
    target: Target
    script: str


@dataclass(frozen=True)
class Measurement:
    """The median of the rounds, by size, page and way."""

    by_case: dict[tuple[int, int, str], Median]

    def p50(self, way: str) -> list[float]:
        """Return the p50 of all sizes and pages."""
        return [one.p50 for (_, _, other), one in self.by_case.items() if other == way]


def prepare(laboratory: Laboratory, size: int) -> Database:
    """Make a database with so many videos, spread over the retention."""
    progress(f"a database of {size:,} videos")
    database = laboratory.server.clone(laboratory.template, "feed")
    widen(database.owner_url)
    videos = Videos(datetime.now(UTC) - SPAN, size, SPAN - timedelta(minutes=1))
    loading.give_helpers(database)
    loading.number_videos(database, videos)
    loading.load_people(database, min(PEOPLE, size))
    each = Each(likes=1, has_file=False)
    loading.load_videos(database, videos, each, people=min(PEOPLE, size))
    # Some traffic: the newest thousand have a few counts that are not folded yet.
    loading.add_pending(database, videos, newest=1000, each=3)
    with as_owner(database) as owner:
        owner.execute(OFFSET_FUNCTION.encode())
    return database


def cases(database: Database, size: int, page: int) -> list[Case]:
    """Return the ways to fetch one page."""
    skipped = (page - 1) * PAGE_SIZE
    most = max(0, size - PAGE_SIZE - skipped)
    drawn = calls.drawn("jitter", 0, min(NEIGHBOURS * PAGE_SIZE, most) if page > 1 else 0)
    before = f"bench.video_id({size - skipped} - :jitter)"
    by_cursor = f"public.feed(before => {before}, page_size => {PAGE_SIZE})"
    if page == 1:
        by_cursor = f"public.feed(page_size => {PAGE_SIZE})"
    by_offset = f"bench.feed_by_offset({skipped} + :jitter, {PAGE_SIZE})"
    call = {
        BY_CURSOR: calls.call(by_cursor, variables=drawn, people=READERS, is_set=True),
        BY_OFFSET: calls.call(by_offset, variables=drawn, people=READERS, is_set=True),
        AS_OWNER: calls.call(by_cursor, variables=drawn, people=READERS, is_set=True, role=None),
    }
    return [
        Case(size, page, way, Target(database, OWNER if way == AS_OWNER else USER), script)
        for way, script in call.items()
    ]


def measure(laboratory: Laboratory, options: Options) -> Measurement:
    """Measure all sizes and pages in turn."""
    listed: list[Case] = []
    for size in options.sizes:
        database = prepare(laboratory, size)
        deepest = size // PAGE_SIZE
        # A page that is not there is no page: the last but a few takes its place.
        pages = dict.fromkeys(min(page, max(1, deepest - NEIGHBOURS)) for page in options.pages)
        listed += [case for page in pages for case in cases(database, size, page)]
    runs: dict[tuple[int, int, str], list[Run]] = {}
    for number, case in enumerate(interleaved(listed, options.rounds)):
        key = (case.size, case.page, case.way)
        if key not in runs:  # the first time it also reads from disk what the others find there
            run(
                case.target,
                {case.script: 1},
                clients=1,
                transactions=options.transactions or WARM_UP,
            )
        one = run(
            case.target,
            {case.script: 1},
            clients=1,
            seconds=None if options.transactions else options.seconds,
            transactions=options.transactions,
        )
        runs.setdefault(key, []).append(one)
        if (number + 1) % len(listed) == 0:
            progress(f"round {(number + 1) // len(listed)} of {options.rounds}")
    return Measurement({key: Median.of(found) for key, found in runs.items()})


def body(measurement: Measurement) -> str:
    """Return the table, ratios first."""
    fastest = min(measurement.p50(BY_CURSOR))
    rows = []
    for (size, page, way), one in measurement.by_case.items():
        if way != BY_CURSOR:
            continue
        by_offset = measurement.by_case[size, page, BY_OFFSET]
        as_owner_ = measurement.by_case[size, page, AS_OWNER]
        rows.append(
            [
                f"{size:,}",
                f"{page:,}",
                ratio(one.p50, fastest),
                ratio(by_offset.p50, one.p50),
                ratio(one.p50, as_owner_.p50),
                figure(one.p50),
                figure(one.p99),
                figure(by_offset.p50),
                figure(by_offset.p99),
                figure(as_owner_.p50),
                figure(as_owner_.p99),
            ]
        )
    return f"{INTRODUCTION}\n\n{table(HEAD, rows, texts=0)}"


INTRODUCTION = (
    f"A page of {PAGE_SIZE} videos with exact counts, owners' cards and `liked_by_me`, as JSON, "
    "by the API's one statement; one client. `of the fastest` is the p50 beside the smallest of "
    "all pages and sizes; the owner, whom policies do not bind, is nobody and so likes nothing, "
    "which spares him a lookup. Offset skips in the index of `videos` alone."
)
HEAD = (
    *("videos", "page", "of the fastest", "offset / cursor", "RLS / owner"),
    *("p50 ms", "p99 ms", "offset p50", "offset p99", "owner p50", "owner p99"),
)


def goals(measurement: Measurement) -> list[Goal]:
    """Return what is promised."""
    flat = measurement.p50(BY_CURSOR)
    rules = [
        one.p50 / measurement.by_case[size, page, AS_OWNER].p50
        for (size, page, way), one in measurement.by_case.items()
        if way == BY_CURSOR
    ]
    return [
        at_most("p50 of any page and size beside the fastest", max(flat) / min(flat), 1.3),
        at_most("p50 through row-level security beside the owner's", max(rules), 1.3),
    ]


def parsed(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-feed", description=__doc__)
    parser.add_argument("--seconds", type=float, default=3, help="of each run")
    parser.add_argument("--rounds", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="videos")
    given = parser.parse_args(arguments)
    return Options(given.seconds, given.rounds, sizes=given.sizes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write down."""
    interrupts.install()
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    with laboratory() as lab:
        measurement = measure(lab, options)
        where = machine(lab.server)
    report = results.Report("feed", "make bench-feed", where, body(measurement), goals(measurement))
    return results.finish(report) if tuple(options.sizes) == SIZES else results.show(report)


if __name__ == "__main__":
    sys.exit(main())
