"""How fast one video can be liked, and what counting costs.

`make bench-counters`. Each way to count stands in a database of its own: this checkout's deploy
in which only the counting is another, so everything else a like does is the same work.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import calls, loading, picture, results
from bench.goals import Goal, at_least, at_most
from bench.loading import Each, Videos
from bench.pgbench import OWNER, USER, Median, Run, Target, run
from bench.rounds import interleaved
from bench.servers import (
    Connection,
    Laboratory,
    as_admin,
    as_owner,
    laboratory,
    machine,
    progress,
    value,
    written_wal,
)
from bench.tables import figure, ratio, table
from dev.stack import interrupts
from tests.support.limits import widen

SQL = Path(__file__).parent / "sql"
CLIENTS = (1, 8, 32, 64)
CROWD = 64
STRANGERS = 1_000_000_000  # so many people that nobody likes a video twice
ZIPF = 1.1
HOT = "one hot video"
DEADLOCK_CLIENTS = 16


@dataclass(frozen=True)
class Way:
    """One way to count likes."""

    name: str
    files: Sequence[str] = ()
    is_exact: bool = True
    is_bare: bool = False
    folds: bool = False


OURS = Way("like_video as deployed", folds=True)
UPDATE = Way("update of the video's row", ["counters/update.sql"])
NARROW = Way("update of a narrow row", ["counters/narrow.sql"])
NONE = Way("no counter at all", ["counters/no_counter.sql"], is_exact=False)
BARE = Way("the original, without any rule", ["counters/bare.sql"], is_bare=True)
WAYS = (OURS, UPDATE, NARROW, NONE, BARE)

# Where the time goes, when a goal is missed: each leaves one thing away.
PARTS = (
    OURS,
    Way("deltas that are never folded", ["bisect/no_fold.sql"]),
    Way("likes that nobody is told of", ["bisect/no_live.sql"], folds=True),
    Way("a trigger that appends by itself", ["bisect/flat_trigger.sql"], folds=True),
    Way("the same, a row at a time", ["bisect/row_trigger.sql"], folds=True),
    Way("a trigger that does nothing", ["bisect/idle_trigger.sql"], is_exact=False),
    NONE,
    Way(
        "no counter, no policies",
        ["counters/no_counter.sql", "bisect/no_policies.sql"],
        is_exact=False,
    ),
    Way(
        "no counter, no look whether it is visible",
        ["counters/no_counter.sql", "bisect/no_check.sql"],
        is_exact=False,
    ),
    Way(
        "no counter, neither of both",
        ["counters/no_counter.sql", "bisect/no_policies.sql", "bisect/no_check.sql"],
        is_exact=False,
    ),
)


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    seconds: float = 3
    rounds: int = 3
    clients: Sequence[int] = CLIENTS
    videos: int = 10_000
    deadlock_clients: int = DEADLOCK_CLIENTS
    transactions: int | None = None  # a client, instead of seconds
    slow_disk_ms: float = 0
    bisect: bool = False


@dataclass
class Measured:
    """What one way brought with so many clients."""

    runs: list[Run] = field(default_factory=list)
    wal: list[float] = field(default_factory=list)

    @property
    def median(self) -> Median:
        """The middle of the rounds."""
        return Median.of(self.runs)

    @property
    def wal_per_like(self) -> float:
        """Bytes of log a like."""
        return statistics.median(self.wal)


Key = tuple[str, int, str]  # spread, clients, way


@dataclass(frozen=True)
class Measurement:
    """Everything that was measured."""

    measured: dict[Key, Measured]
    deadlocks: dict[str, Run]
    likes: dict[str, int]


class Stand:
    """A way to count in its database."""

    def __init__(self, laboratory: Laboratory, way: Way, videos: Videos) -> None:
        self.way = way
        self.database = laboratory.server.clone(laboratory.template, "counters")
        widen(self.database.owner_url)
        loading.give_helpers(self.database)
        loading.number_videos(self.database, videos)
        loading.load_people(self.database, 1000)
        loading.load_videos(self.database, videos, Each(), people=1000)
        with as_owner(self.database) as owner:
            for name in way.files:
                owner.execute((SQL / name).read_bytes())
        self.videos = videos

    def target(self) -> Target:
        """Who likes: the original did everything with the service key."""
        return Target(self.database, OWNER if self.way.is_bare else USER)

    def liking(self, number: str) -> str:
        """Return the call that likes the video of a number."""
        if self.way.is_bare:
            return f"bare.like_video(bench.video_id({number}), bench.person(:person))"
        return f"public.like_video(bench.video_id({number}))"

    def script(self, spread: str) -> str:
        """Return the script of one like."""
        number = ":number"
        variables = "\\set number 0\n"
        if spread != HOT:
            variables = calls.drawn_by_zipf("number", self.videos.count, ZIPF)
        if self.way.is_bare:
            drawn = calls.drawn("person", 1, STRANGERS) + variables
            return f"{drawn}select {self.liking(number)};\n"
        return calls.call(self.liking(number), variables=variables, people=STRANGERS)

    def several(self) -> str:
        """Return the script that likes three of five videos in one transaction."""
        names = ("first", "second", "third")
        variables = "".join(calls.drawn(name, 0, 4) for name in names)
        liked = [self.liking(f":{name}") for name in names]
        return calls.transaction(liked, variables=variables, people=STRANGERS)

    def tidy(self) -> None:
        """Take away what the storm before has left: each begins with clean pages."""
        bare = ", bare.videos" if self.way.is_bare else ""
        with as_admin(self.database) as admin:
            admin.execute(f"vacuum public.videos, private.video_deltas{bare}".encode())

    def check(self) -> int:
        """Compare every counter with the likes there are; gives their number."""
        schema = "bare" if self.way.is_bare else "public"
        counted = f"{schema}.{'videos' if self.way.is_bare else 'video_feed'}"
        with as_owner(self.database) as owner:
            likes = value(owner, f"select count(*) from {schema}.video_likes")
            if self.way.is_exact:
                self._compare(owner, counted, schema, "")
                if self.way.folds:
                    while value(owner, "select private.fold_pending()"):
                        pass
                    self._compare(owner, counted, schema, " after folding")
        return likes

    def _compare(self, owner: Connection, counted: str, schema: str, when: str) -> None:
        wrong = owner.execute(
            f"select v.id, v.likes_count, l.likes from {counted} as v left join ("
            f"select video_id, count(*) as likes from {schema}.video_likes group by video_id"
            ") as l on l.video_id = v.id where v.likes_count <> coalesce(l.likes, 0)".encode(),
        ).fetchall()
        if wrong:
            message = f"{self.way.name}: counters and rows differ{when}: {wrong[:5]}"
            raise AssertionError(message)


def some_videos(count: int) -> Videos:
    """Return so many videos of an hour not long ago."""
    span = timedelta(hours=1)
    return Videos(datetime.now(UTC) - 2 * span, count, span)


def measure(laboratory: Laboratory, options: Options, ways: Sequence[Way] = WAYS) -> Measurement:
    """Measure every way with every number of clients, in turn."""
    videos = some_videos(options.videos)
    stands = []
    for way in ways:
        progress(f"a database: {way.name}")
        stands.append(Stand(laboratory, way, videos))
    measured: dict[Key, Measured] = {}
    spreads = [HOT] if options.bisect else [HOT, f"Zipf over {options.videos:,} videos"]
    for spread in spreads:
        for clients in options.clients:
            for stand in interleaved(stands, options.rounds):
                result = measured.setdefault((spread, clients, stand.way.name), Measured())
                _storm(stand, spread, clients, options, result)
            for stand in stands:
                stand.check()
            _tell(spread, clients, stands, measured)
    deadlocks = {} if options.bisect else _deadlocks(stands, options)
    return Measurement(measured, deadlocks, {s.way.name: s.check() for s in stands})


def _storm(stand: Stand, spread: str, clients: int, options: Options, result: Measured) -> None:
    stand.tidy()
    with as_admin(stand.database) as admin:
        before = written_wal(admin)
        one = _run(stand, stand.script(spread), clients, options)
        result.wal.append((written_wal(admin) - before) / max(1, len(one.transactions)))
    result.runs.append(one)


def _run(stand: Stand, script: str, clients: int, options: Options) -> Run:
    return run(
        stand.target(),
        {script: 1},
        clients=clients,
        seconds=None if options.transactions else options.seconds,
        transactions=options.transactions,
    )


def _tell(
    spread: str, clients: int, stands: Sequence[Stand], measured: dict[Key, Measured]
) -> None:
    speeds = (
        f"{stand.way.name} {measured[spread, clients, stand.way.name].median.per_second:,.0f}"
        for stand in stands
    )
    progress(f"{spread}, {clients} clients, likes/s: {', '.join(speeds)}")


def _deadlocks(stands: Sequence[Stand], options: Options) -> dict[str, Run]:
    found = {}
    for stand in stands:
        stand.tidy()
        found[stand.way.name] = _run(stand, stand.several(), options.deadlock_clients, options)
        progress(f"three of five videos at once, {stand.way.name}: {_deadlocked(stand, found)}")
    return found


def _deadlocked(stand: Stand, found: dict[str, Run]) -> str:
    one = found[stand.way.name]
    return f"{one.failures.get('deadlock', 0)} of {one.tried:,} deadlocked"


def body(measurement: Measurement, ways: Sequence[Way] = WAYS) -> str:
    """Return the tables, ratios first."""
    parts = [INTRODUCTION]
    spreads = dict.fromkeys(spread for spread, _, _ in measurement.measured)
    for spread in spreads:
        rows = [
            _row(measurement, spread, clients, way)
            for clients in dict.fromkeys(c for s, c, _ in measurement.measured if s == spread)
            for way in ways
        ]
        parts += [f"### {spread[0].upper()}{spread[1:]}", table(HEAD, rows, texts=2)]
    if measurement.deadlocks:
        parts += [DEADLOCKS, _deadlock_table(measurement)]
    likes = ", ".join(f"{name} {count:,}" for name, count in measurement.likes.items())
    parts.append(
        f"After each row every counter was compared with the rows there are, before and after "
        f"folding, and was right. Likes in the end: {likes}."
    )
    return "\n\n".join(parts)


INTRODUCTION = (
    "A like is the API's one statement, `like_video`, by `authenticated` with a token's claims, "
    "under row-level security: visibility check, insert, count, and the exact count as its answer. "
    "The ways to count differ in nothing else, but for the last, which is the original's tables "
    "and two statements as their owner, without rules or an answer. `deployed / this` is how many "
    "times more likes the deployed way does; `p99 / deployed` how many times longer this one's "
    "slowest hundredth takes."
)
DEADLOCKS = (
    f"### Three of five hot videos in one transaction, {DEADLOCK_CLIENTS} clients\n\n"
    "In an order drawn each time; Postgres ends a deadlock after a second."
)
HEAD = (
    *("clients", "way", "deployed / this", "p99 / deployed"),
    *("likes/s", "p50 ms", "p99 ms", "WAL bytes/like"),
)


def _row(measurement: Measurement, spread: str, clients: int, way: Way) -> list[str]:
    ours = measurement.measured[spread, clients, OURS.name].median
    this = measurement.measured[spread, clients, way.name]
    middle = this.median
    return [
        str(clients),
        way.name,
        ratio(ours.per_second, middle.per_second),
        ratio(middle.p99, ours.p99),
        f"{middle.per_second:,.0f}",
        figure(middle.p50),
        figure(middle.p99),
        f"{this.wal_per_like:,.0f}",
    ]


def _deadlock_table(measurement: Measurement) -> str:
    rows = [
        [
            name,
            f"{one.failures.get('deadlock', 0):,}",
            f"{one.tried:,}",
            figure(one.per_second),
            figure(one.p99),
        ]
        for name, one in measurement.deadlocks.items()
    ]
    return table(["way", "deadlocked", "of", "transactions/s", "p99 ms"], rows)


def goals(measurement: Measurement, clients: int = CROWD) -> list[Goal]:
    """Return what is promised, as far as it was measured."""
    if (HOT, clients, UPDATE.name) not in measurement.measured:
        return []
    ours, update, none = (
        measurement.measured[HOT, clients, way.name].median for way in (OURS, UPDATE, NONE)
    )
    where = f"{clients} clients on one video"
    deadlocks = measurement.deadlocks[OURS.name].failures.get("deadlock", 0)
    return [
        at_least(f"{where}, likes/s of the update's", ours.per_second / update.per_second, 20),
        at_least(f"{where}, p99 below the update's, times", update.p99 / ours.p99, 20),
        at_least(f"{where}, likes/s of no counter's", ours.per_second / none.per_second, 0.75),
        at_most("deadlocks", deadlocks, 0),
    ]


def curves(measurement: Measurement) -> dict[str, dict[int, float]]:
    """Return likes a second by clients for the hot video, a curve a way."""
    drawn: dict[str, dict[int, float]] = {}
    for (spread, clients, name), one in measurement.measured.items():
        if spread == HOT and name != BARE.name:
            drawn.setdefault(name, {})[clients] = one.median.per_second
    return drawn


def parsed(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-counters", description=__doc__)
    parser.add_argument("--seconds", type=float, default=4, help="of each run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of which the median counts")
    parser.add_argument("--clients", type=int, nargs="+", default=list(CLIENTS))
    parser.add_argument("--slow-disk-ms", type=float, default=0, help="wait for each log flush")
    parser.add_argument("--bisect", action="store_true", help="find where a like's time goes")
    given = parser.parse_args(arguments)
    return Options(
        given.seconds,
        given.rounds,
        given.clients,
        slow_disk_ms=given.slow_disk_ms,
        bisect=given.bisect,
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write down."""
    interrupts.install()
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    ways = PARTS if options.bisect else WAYS
    with laboratory(options.slow_disk_ms) as lab:
        measurement = measure(lab, options, ways)
        where = machine(lab.server)
    text = body(measurement, ways)
    if options.bisect:
        print(f"\n{text}")
        return 0
    kept = set(CLIENTS) <= set(options.clients) and not options.slow_disk_ms
    if kept:
        picture.draw(curves(measurement), picture.HOT_VIDEO)
    report = results.Report("counters", "make bench-counters", where, text, goals(measurement))
    return results.finish(report) if kept else results.show(report)


if __name__ == "__main__":
    sys.exit(main())
