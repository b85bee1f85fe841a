"""How many calls a second the database carries, by kind and number of clients.

`make bench-functions`. Each function as the API calls it, as the role it calls it with, beside
`select 1`, which is what a round trip costs here.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bench import calls, loading, results
from bench.loading import Each, Videos
from bench.pgbench import ANON, USER, Median, Run, Target, run
from bench.rounds import interleaved
from bench.servers import Laboratory, laboratory, machine, progress
from bench.tables import figure, ratio, table
from dev.stack import interrupts
from tests.support.limits import widen
from tests.support.server import Database

CLIENTS = (1, 2, 8, 16)
VIDEOS = 100_000
PEOPLE = 20_000
STRANGERS = 1_000_000_000
SPAN = timedelta(days=13)
YARDSTICK = "select 1"


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    seconds: float = 4
    rounds: int = 3
    transactions: int | None = None  # a client, instead of seconds
    clients: Sequence[int] = CLIENTS
    videos: int = VIDEOS


@dataclass(frozen=True)
class Measurement:
    """The median of the rounds, by function and clients."""

    by_case: Mapping[tuple[str, int], Median]


def scripts(videos: int, people: int) -> dict[str, tuple[str, str]]:
    """Return by name who calls, and the script."""
    one = calls.drawn("number", 0, videos - 1)
    video = "bench.video_id(:number)"
    return {
        "feed, a page of 20": (
            USER,
            calls.call("public.feed(page_size => 20)", people=people, is_set=True),
        ),
        "get_video": (USER, calls.call(f"public.get_video({video})", variables=one, people=people)),
        "like_video": (
            USER,
            calls.call(f"public.like_video({video})", variables=one, people=STRANGERS),
        ),
        "add_video_comment": (
            USER,
            calls.call(
                f"public.add_video_comment({video}, 'How very well observed, and how true.')",
                variables=one,
                people=people,
            ),
        ),
        "record_view, anonymous": (
            ANON,
            calls.call(
                f"public.record_view({video})",
                role="anon",
                variables=one,
                people=STRANGERS,
                needs_address=True,
            ),
        ),
        YARDSTICK: (USER, "select 1;\n"),
    }


def prepare(laboratory: Laboratory, videos: int) -> Database:
    """Make a database with some days of life in it."""
    progress(f"a database of {videos:,} videos")
    database = laboratory.server.clone(laboratory.template, "functions")
    widen(database.owner_url)
    people = min(PEOPLE, videos)
    published = Videos(datetime.now(UTC) - SPAN, videos, SPAN - timedelta(minutes=1))
    loading.give_helpers(database)
    loading.number_videos(database, published)
    loading.load_people(database, people)
    each = Each(likes=min(5, people), viewers=5, comments=2)
    loading.load_videos(database, published, each, people=people)
    loading.add_pending(database, published, newest=1000, each=3)
    return database


def measure(laboratory: Laboratory, options: Options) -> Measurement:
    """Measure every function with every number of clients, in turn."""
    database = prepare(laboratory, options.videos)
    listed = scripts(options.videos, min(PEOPLE, options.videos))
    runs: dict[tuple[str, int], list[Run]] = {}
    for clients in options.clients:
        for name in interleaved(list(listed), options.rounds):
            role, script = listed[name]
            target = Target(database, role)
            one = run(
                target,
                {script: 1},
                clients=clients,
                seconds=None if options.transactions else options.seconds,
                transactions=options.transactions,
            )
            runs.setdefault((name, clients), []).append(one)
        speeds = (f"{n} {Median.of(runs[n, clients]).per_second:,.0f}" for n in listed)
        progress(f"{clients} clients, calls/s: {', '.join(speeds)}")
    return Measurement({key: Median.of(found) for key, found in runs.items()})


def body(measurement: Measurement) -> str:
    """Return the table, ratios first."""
    names = dict.fromkeys(name for name, _ in measurement.by_case)
    clients = dict.fromkeys(count for _, count in measurement.by_case)
    rows = []
    for name in names:
        for count in clients:
            one = measurement.by_case[name, count]
            yardstick = measurement.by_case[YARDSTICK, count]
            rows.append(
                [
                    name,
                    str(count),
                    ratio(yardstick.per_second, one.per_second),
                    f"{one.per_second:,.0f}",
                    figure(one.p50),
                    figure(one.p99),
                ]
            )
    return f"{INTRODUCTION}\n\n{table(HEAD, rows)}"


INTRODUCTION = (
    "By the API's one statement with the caller's claims, through row-level security. "
    "`round trips` is what a call costs in those of `select 1` at the same number of clients. "
    "Likes and comments wait for the disk, views do not."
)
HEAD = ("call", "clients", "round trips", "calls/s", "p50 ms", "p99 ms")


def parsed(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-functions", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="of each run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--clients", type=int, nargs="+", default=list(CLIENTS))
    parser.add_argument("--videos", type=int, default=VIDEOS)
    given = parser.parse_args(arguments)
    return Options(given.seconds, given.rounds, clients=given.clients, videos=given.videos)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write down."""
    interrupts.install()
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    with laboratory() as lab:
        measurement = measure(lab, options)
        where = machine(lab.server)
    report = results.Report("functions", "make bench-functions", where, body(measurement))
    is_whole = tuple(options.clients) == CLIENTS and options.videos == VIDEOS
    return results.finish(report) if is_whole else results.show(report)


if __name__ == "__main__":
    sys.exit(main())
