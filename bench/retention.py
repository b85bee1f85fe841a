"""What it costs to take a day away while people watch: log, time, and whom it keeps waiting.

`make bench-retention`. A day's videos with their likes, viewers and comments go in three ways
under the same traffic: as deployed, by one delete that cascades, and by deletes in batches.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import calls, loading, results
from bench.goals import Goal, at_least, at_most
from bench.loading import Each, Videos
from bench.pgbench import USER, Run, Target, Transaction, live, percentile
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
from bench.tables import figure, megabytes, ratio, table
from dev.stack import interrupts
from dev.stack.errors import StackError
from tests.support.limits import widen
from tests.support.server import Database

PLAIN = Path(__file__).parent / "sql" / "retention" / "plain.sql"
DAY = timedelta(days=1)
EACH = Each(likes=10, viewers=30, comments=2)
BATCH = 1000
CLIENTS = 8
PACE = 300
STRANGERS = 1_000_000_000
READER_S = 3.0
PATIENCE_S = 600.0

OURS = "as deployed"
BEHIND_READER = f"as deployed, behind a reader of {READER_S:g} s"
CASCADE = "one delete, cascading"
BATCHES = f"deletes of {BATCH:,} videos each"


@dataclass(frozen=True)
class Options:
    """How much is measured; scale 1 is 200 000 videos a day."""

    scale: float = 1
    warm_up_s: float = 1
    before_s: float = 5
    reader_s: float = READER_S

    @property
    def day(self) -> int:
        """Videos of the day that goes."""
        return max(BATCH // 10, round(200_000 * self.scale))

    @property
    def living(self) -> int:
        """Videos of the days that stay."""
        return max(200, round(50_000 * self.scale))

    @property
    def people(self) -> int:
        """Who did all that."""
        return max(100, round(50_000 * self.scale))


@dataclass(frozen=True)
class Outcome:
    """One way to take a day away."""

    way: str
    seconds: float
    wal: float
    during: Sequence[float]
    before: Sequence[float]

    @property
    def worst(self) -> float:
        """The longest transaction of a client meanwhile, in ms."""
        return self.during[-1] if self.during else 0.0


@dataclass
class Measurement:
    """Everything that was measured."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    leaves_wal: float = 0
    viewers_wal: float = 0


Work = Callable[[Connection], None]


def retired_day(number: int = 0) -> datetime:
    """Return the start of a UTC day that has outlived the retention; the next is a day later."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - (16 - number) * DAY


def prepare(laboratory: Laboratory, options: Options, *, is_plain: bool) -> Database:
    """Make a database with days that live and one that does not."""
    progress(f"a database with a day of {options.day:,} videos{', plain tables' * is_plain}")
    database = laboratory.server.clone(laboratory.template, "retention")
    widen(database.owner_url)
    living = Videos(retired_day(2) + 2 * DAY, options.living, 12 * DAY)
    loading.give_helpers(database)
    loading.number_videos(database, living)
    loading.load_people(database, options.people)
    if is_plain:
        with as_owner(database) as owner:
            owner.execute(PLAIN.read_bytes())
    load_day(database, options.day, 0, options, is_plain=is_plain)
    each = Each(likes=4, viewers=4, comments=1)
    loading.load_videos(database, living, each, people=options.people)
    return database


def load_day(
    database: Database, count: int, number: int, options: Options, *, is_plain: bool = False
) -> None:
    """Give the database a day that is to be retired."""
    first = retired_day(number)
    if not is_plain:
        with as_owner(database) as owner:
            owner.execute("select private.ensure_day(%s)", [first.date()])
    loading.load_videos(database, Videos(first, count, DAY), EACH, people=options.people)


def traffic(options: Options) -> dict[str, int]:
    """Return what people do meanwhile: pages, single videos, likes."""
    one = calls.drawn("number", 0, options.living - 1)
    video = "bench.video_id(:number)"
    feed = calls.call("public.feed(page_size => 20)", people=options.people, is_set=True)
    get = calls.call(f"public.get_video({video})", variables=one, people=options.people)
    like = calls.call(f"public.like_video({video})", variables=one, people=STRANGERS)
    return {feed: 4, get: 4, like: 2}


def measure(laboratory: Laboratory, options: Options) -> Measurement:
    """Take the day away in every way."""
    measurement = Measurement()
    ours = prepare(laboratory, options, is_plain=False)
    quiet = laboratory.server.clone(ours, "quiet", big=True)
    measurement.leaves_wal = wal_of_leaves(quiet)
    progress(f"likes and viewers went with {megabytes(measurement.leaves_wal)} MB of WAL")
    laboratory.server.drop(quiet)

    keep(measurement, under_traffic(ours, OURS, retire, options))
    load_day(ours, max(BATCH // 10, options.day // 4), 1, options)
    # It begins with the traffic, which needs a moment before the work begins.
    with reader(ours, options.warm_up_s * 1.5 + options.reader_s):
        keep(measurement, under_traffic(ours, BEHIND_READER, retire, options, at_once=True))
    laboratory.server.drop(ours)

    plain = prepare(laboratory, options, is_plain=True)
    copy = laboratory.server.clone(plain, "plain", big=True)
    batches = Batches()
    keep(measurement, under_traffic(plain, BATCHES, batches, options))
    measurement.viewers_wal = batches.wal["private.video_viewers"]
    laboratory.server.drop(plain)
    keep(measurement, under_traffic(copy, CASCADE, cascade, options))
    laboratory.server.drop(copy)
    return measurement


def keep(measurement: Measurement, outcome: Outcome) -> None:
    """Note an outcome, and tell it."""
    measurement.outcomes[outcome.way] = outcome
    progress(
        f"{outcome.way}: {figure(outcome.seconds)} s, {megabytes(outcome.wal)} MB of WAL, "
        f"worst transaction {figure(outcome.worst)} ms"
    )


def under_traffic(
    database: Database, way: str, work: Work, options: Options, *, at_once: bool = False
) -> Outcome:
    """Do the work while people watch and like, and see what it did to them.

    The log that the traffic writes anyway is measured before and taken off.
    """
    before_s = options.warm_up_s / 2 if at_once else options.before_s
    target = Target(database, USER)
    with (
        as_admin(database) as admin,
        as_owner(database) as owner,
        live(target, traffic(options), clients=CLIENTS, per_second=PACE) as people,
    ):
        # Pages that were not touched for two weeks are written whole, as they would be.
        admin.execute("checkpoint")
        time.sleep(options.warm_up_s)
        started, quiet = time.time(), written_wal(admin)
        time.sleep(before_s)
        began, before = time.time(), written_wal(admin)
        work(owner)
        ended, after = time.time(), written_wal(admin)
        own = (before - quiet) / (began - started) * (ended - began)
        time.sleep(0.2)
        run = people.stop()
    return Outcome(
        way,
        ended - began,
        max(0.0, after - before - own),
        overlapping(run, began, ended),
        overlapping(run, started, began),
    )


def overlapping(run: Run, began: float, ended: float) -> list[float]:
    """Return how long the transactions took that went on in a time, the shortest first."""

    def is_in(one: Transaction) -> bool:
        return one.ended_at >= began and one.ended_at - one.milliseconds / 1000 <= ended

    return sorted(one.milliseconds for one in run.transactions if is_in(one))


def retire(owner: Connection) -> None:
    """Do what cron does, until the old days are gone."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        if value(owner, "select private.retire_expired_videos()") == 0:
            if not _is_left(owner):
                return
            time.sleep(0.2)  # tables stayed busy: cron would come again
        if time.monotonic() > deadline:
            message = f"The day was not retired within {PATIENCE_S:g} s."
            raise StackError(message, advice="Look at ops.alarms and who holds locks.")


LEFT = """
select exists (
    select from public.videos as v
    where v.id < private.uuid_v7_floor(date_trunc('day', now() at time zone 'utc')
        at time zone 'utc' - interval '14 days')
)::int
"""
LEAVES = """
select count(*) from pg_class as c
where c.relnamespace = 'partitions'::regnamespace and c.relkind = 'r'
    and c.relname ~ '^video_(likes|viewers)_'
    and right(c.relname, 8) < to_char(now() at time zone 'utc' - interval '14 days', 'YYYYMMDD')
"""


def _is_left(owner: Connection) -> bool:
    return value(owner, LEFT) + value(owner, LEAVES) > 0


def wal_of_leaves(database: Database) -> float:
    """Return the log of dropping a day's leaves, with nobody else there.

    A step that drops a leaf may delete videos too; the share of those is taken off.
    """
    steps: list[tuple[int, float, int]] = []  # leaves that went, log, videos that went
    count = "select count(*) from public.videos"
    with as_owner(database) as owner, as_admin(database) as admin:
        # One autocommit call after the first leaves shows what videos cost.
        while value(owner, LEAVES) or not any(videos and not gone for gone, _, videos in steps):
            leaves, videos, before = value(owner, LEAVES), value(owner, count), written_wal(admin)
            value(owner, "select private.retire_expired_videos()")
            wal = written_wal(admin) - before
            gone = leaves - value(owner, LEAVES)
            steps.append((gone, wal, videos - value(owner, count)))
            if not gone and not steps[-1][2]:
                break
    only_videos = [(wal, videos) for gone, wal, videos in steps if videos and not gone]
    a_video = sum(w for w, _ in only_videos) / max(1, sum(v for _, v in only_videos))
    return sum(max(0.0, wal - videos * a_video) for gone, wal, videos in steps if gone)


@contextmanager
def reader(database: Database, seconds: float) -> Iterator[None]:
    """Have somebody read likes and viewers for some seconds, in one transaction."""
    ready = threading.Event()

    def read() -> None:
        with as_owner(database) as owner, owner.transaction():
            for name in ("public.video_likes", "private.video_viewers"):
                owner.execute(f"select from {name} limit 1".encode())
            ready.set()
            time.sleep(seconds)

    reading = threading.Thread(target=read)
    reading.start()
    try:
        ready.wait(30)
        yield
    finally:
        reading.join()


def cascade(owner: Connection) -> None:
    """Delete as the original does."""
    owner.execute("delete from public.videos where created_at < %s", [retired_day(2)])


class Batches:
    """Deletes of the same rows, children first, each its own transaction."""

    def __init__(self) -> None:
        self.wal: dict[str, float] = {}

    def __call__(self, owner: Connection) -> None:
        """Delete them, and note each table's part of the log."""
        while True:
            found = owner.execute(
                "select id from public.videos where id < private.uuid_v7_floor(%s)"
                " order by id limit %s",
                [retired_day(2), BATCH],
            ).fetchall()
            ids = [row[0] for row in found]
            if not ids:
                return
            for name, key in CHILDREN_FIRST:
                before = written_wal(owner)
                # As a range, which is the cheapest way to say it.
                owner.execute(
                    f"delete from {name} where {key} between %s and %s".encode(),
                    [ids[0], ids[-1]],
                )
                self.wal[name] = self.wal.get(name, 0) + written_wal(owner) - before


CHILDREN_FIRST = (
    ("public.video_likes", "video_id"),
    ("private.video_viewers", "video_id"),
    ("public.video_comments", "video_id"),
    ("private.video_files", "video_id"),
    ("public.videos", "id"),
)


def body(measurement: Measurement, options: Options) -> str:
    """Return the table, ratios first."""
    ours = measurement.outcomes[OURS]
    rows = []
    for outcome in measurement.outcomes.values():
        is_whole = outcome.way != BEHIND_READER  # that day was a quarter as big
        rows.append(
            [
                outcome.way,
                ratio(outcome.wal, ours.wal) if is_whole else "-",
                ratio(outcome.seconds, ours.seconds) if is_whole else "-",
                megabytes(outcome.wal),
                figure(outcome.seconds),
                figure(percentile(outcome.during, 50)),
                figure(percentile(outcome.during, 99)),
                figure(outcome.worst),
                figure(percentile(outcome.before, 99)),
            ]
        )
    return f"{introduction(options)}\n\n{table(HEAD, rows)}"


def introduction(options: Options) -> str:
    """Tell what was measured."""
    return (
        f"{options.day:,} videos with {options.day * EACH.likes:,} likes, "
        f"{options.day * EACH.viewers:,} viewers and {options.day * EACH.comments:,} comments, "
        f"under {PACE} calls/s of {CLIENTS} clients (feed, get, like: 4, 4, 2). Deployed is "
        "`select private.retire_expired_videos()` until it is 0, which also orders files and "
        "writes tombstones; the others delete the same rows and do neither. WAL is net of the "
        "traffic's own. A client's time counts from the moment its call was due. Behind the "
        "reader the day is a quarter as big."
    )


HEAD = (
    *("way", "WAL / deployed", "time / deployed", "WAL MB", "seconds"),
    *("p50 ms meanwhile", "p99 ms", "worst ms", "p99 ms before"),
)


def goals(measurement: Measurement) -> list[Goal]:
    """Return what is promised."""
    found = measurement.outcomes
    ours, batches = found[OURS], found[BATCHES]
    without_viewers = batches.wal - measurement.viewers_wal
    return [
        at_most("likes and viewers of the day, MB of WAL", measurement.leaves_wal / 1e6, 1),
        at_least("WAL of batched deletes beside the whole day's", batches.wal / ours.wal, 6),
        at_least("the same without viewers", without_viewers / ours.wal, 2.5),
        at_most("worst client transaction, ms", ours.worst, 150),
        at_most("the same behind a slow reader, ms", found[BEHIND_READER].worst, 60),
    ]


def parsed(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-retention", description=__doc__)
    parser.add_argument("--scale", type=float, default=1, help="of 200 000 videos a day")
    return Options(parser.parse_args(arguments).scale)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write down."""
    interrupts.install()
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    with laboratory() as lab:
        measurement = measure(lab, options)
        where = machine(lab.server)
    report = results.Report(
        *("retention", "make bench-retention", where),
        body(measurement, options),
        goals(measurement),
    )
    return results.finish(report) if options.scale == 1 else results.show(report)


if __name__ == "__main__":
    sys.exit(main())
