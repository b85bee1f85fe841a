"""How fast files go, and what it costs: singly, a hundred in a call, by the folder.

`make bench-media`. One worker without a pace against the stand-in, on a database of its own. The
figures that matter are calls: an account has some five writes a second at ImageKit.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from api.imagekit.storage import BULK
from bench.goals import at_most
from bench.results import Report, finish
from bench.servers import machine, progress
from bench.tables import table
from dev.stack import interrupts, paths
from tests.imagekit.running import running_standin
from tests.media.lab import Lab, folder
from tests.support.server import running_server

SINGLY = 500
IN_BULK = 10_000
A_DAY = 100_000
WRITES_PER_SECOND = 5


@dataclass(frozen=True)
class Measured:
    """One way to delete files."""

    way: str
    files: int
    seconds: float
    calls: int

    @property
    def files_per_second(self) -> float:
        """As fast as this machine goes."""
        return self.files / self.seconds

    @property
    def files_per_call(self) -> float:
        """What an account's allowance is good for."""
        return self.files / self.calls


def measure(lab: Lab, way: str, files: int, work: Callable[[], None]) -> Measured:
    """Count what the stand-in is asked, and check that nothing is left."""
    lab.standin.control("DELETE", "/faults")
    began = time.monotonic()
    work()
    seconds = time.monotonic() - began
    calls = sum(lab.standin.calls().values())
    left, open_orders = lab.files(), set(lab.states()) - {"done"}
    if left or open_orders:
        message = f"{way}: {left} files and orders {open_orders} are left"
        raise AssertionError(message)
    return Measured(way, files, seconds, calls)


def singly(lab: Lab) -> Measured:
    """A call a file, as it is when each is deleted with its video."""
    lab.order_files(folder(), SINGLY)

    return measure(lab, "one by one", SINGLY, lambda: run(lab, files_in_a_call=1))


def in_bulk(lab: Lab) -> Measured:
    """A hundred files in a call."""
    lab.order_files(folder(), IN_BULK)
    return measure(lab, "a hundred in a call", IN_BULK, lambda: run(lab))


def by_folder(lab: Lab) -> Measured:
    """A retired day: its hours' folders, its own when they are gone, and one purge."""
    for hour in range(24):
        share = A_DAY // 24 + (1 if hour < A_DAY % 24 else 0)
        lab.add_files(folder(20, hour), [f"{number}.mp4" for number in range(share)])
        lab.order("folder", folder(20, hour), reason="retired")

    def work() -> None:
        run(lab)
        lab.owner.execute(
            "insert into private.video_days (day, videos) values (%s, %s)",
            (folder(20)[8:18], A_DAY),
        )
        if lab.one("select private.order_day_folders()") != 1:
            message = "the day's own folder is not ordered"
            raise AssertionError(message)
        lab.make_due()  # the hour that the purge waits for the day's last folder
        run(lab)

    return measure(lab, "a retired day by folder", A_DAY, work)


def run(lab: Lab, files_in_a_call: int = BULK) -> None:
    """Let one worker do what is due."""
    lab.work(files_in_a_call=files_in_a_call)


def body(rows: list[Measured]) -> str:
    """Return the table, ratios first."""
    first = rows[0]
    cells = [
        [
            row.way,
            f"{row.files_per_call:,.0f}",
            f"{row.files_per_call / first.files_per_call:,.0f}",
            f"{row.files:,}",
            f"{row.calls:,}",
            f"{row.files_per_second:,.0f}",
            f"{row.calls / WRITES_PER_SECOND:,.0f} s",
        ]
        for row in rows
    ]
    return table(HEAD, cells)


HEAD = (
    *("way", "files per call", "times", "files", "calls"),
    *("files/s here", f"at {WRITES_PER_SECOND} calls/s"),
)


def main() -> int:
    """Measure, print and write down."""
    interrupts.install()
    with (
        running_server(paths.local_folder("bench-pg")) as server,
        TemporaryDirectory(prefix="imagekit-") as data,
        running_standin(Path(data)) as standin,
    ):
        endpoint = {"IMAGEKIT_URL_ENDPOINT": standin.url_endpoint}
        database = server.clone(server.deployed("template", endpoint))
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            lab = Lab(database, standin, owner)
            rows = []
            for way in (singly, in_bulk, by_folder):
                lab.empty()
                rows.append(way(lab))
                progress(f"{rows[-1].way}: {rows[-1].seconds:.1f} s")
        where = machine(server)
    goals = [at_most(f"calls for a day of {A_DAY:,} files", rows[-1].calls, 29)]
    return finish(Report("media", "make bench-media", where, body(rows), goals))


if __name__ == "__main__":
    sys.exit(main())
