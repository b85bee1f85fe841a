"""How soon a thousand people see that a video's counts have changed, and what that costs.

`make bench-realtime`. One API process and one Postgres serve, one process is all the clients. Each
change is broadcast to everybody who has joined the video's topic; the obvious alternative is that
everybody asks for the video each second.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import uvloop

from bench import results
from bench.crowd import Crowd, Listening, Polling, gathered, until
from bench.goals import Goal, at_least, at_most
from bench.servers import Laboratory, as_owner, laboratory, machine, progress
from bench.tables import figure, ratio, table
from dev.stack import interrupts
from dev.stack.tokens import project_key
from tests.api.serving import ROOT, START_S, environment

SOCKETS = 1_000
SECONDS = 8.0
# Messages on their way at a time when as many go out as it carries.
WINDOW = 5
SETTLED_WITHIN_S = 10
TOPIC = "bench:crowd"
POLICY = f"""
create policy bench on realtime.messages for select to anon
using ((select realtime.topic()) = '{TOPIC}')
"""
VIDEO = """
with maker as (insert into public.user_profiles (user_id) values ('maker') returning user_id)
insert into public.videos (id, user_id, title, video_url)
select private.uuid_v7(now()), m.user_id, '1', 'https://cdn.example/bench'
from maker as m returning id::text
"""
URL_ENDPOINT = "select url_endpoint from private.settings"
SEND = "select realtime.send(jsonb_build_object('at', %s::bigint, 'likes', 1), 'counted', %s)"
UPDATE = "update public.videos set title = %s where id = %s"
CLOCK = os.sysconf("SC_CLK_TCK")

EACH_SECOND = "broadcast, one change a second"
POLLED = "asking once a second, one change a second"
ALL_IT_CARRIES = "broadcast, as many changes as it carries"


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    sockets: int = SOCKETS
    seconds: float = SECONDS


@dataclass(frozen=True)
class Measured:
    """One way to let people know."""

    way: str
    changes: int
    delays_ms: Sequence[float]
    seconds: float
    requests: int
    refused: int
    api_cpu_s: float
    database_cpu_s: float

    @property
    def noticed(self) -> int:
        """How many times somebody learned of a change."""
        return len(self.delays_ms)

    def delay(self, percent: int) -> float:
        """The delay of that percentile, in ms."""
        return statistics.quantiles(self.delays_ms, n=100)[percent - 1]

    @property
    def cpu_us(self) -> float:
        """What API and database spend on one person's learning of one change."""
        return (self.api_cpu_s + self.database_cpu_s) / self.noticed * 1e6


class Stage:
    """A served database, with a video and a topic."""

    def __init__(self, lab: Laboratory) -> None:
        self.database = lab.server.clone(lab.template)
        self.secret = secrets.token_urlsafe(32)
        self.postmaster = lab.server.cluster.postmaster()
        with as_owner(self.database) as owner:
            owner.execute(POLICY.encode())
            owner.execute("select private.ensure_day((now() at time zone 'utc')::date)")
            ((self.video,),) = owner.execute(VIDEO).fetchall()
            ((self.url_endpoint,),) = owner.execute(URL_ENDPOINT).fetchall()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port: int = probe.getsockname()[1]

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Run the API as an operator does; gives its process id."""
        account = SimpleNamespace(
            public_key="public",
            private_key="private",
            url_endpoint=self.url_endpoint,
            base_url="http://127.0.0.1:9",
        )
        given = environment(
            self.database, account, self.secret, PORT=str(self.port), API_POOL_SIZE="4"
        )
        with subprocess.Popen(
            [sys.executable, "-m", "api"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **given},
            stdout=subprocess.DEVNULL,
        ) as process:
            try:
                self._wait(process)
                yield process.pid
            finally:
                process.terminate()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        message = "the API did not start"
        raise AssertionError(message)

    def database_cpu_s(self) -> float:
        """What the server's processes have used so far, those that ended included."""
        parent = self.postmaster.pid if self.postmaster else 0
        used = sum(_times(parent))
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = path.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == parent:
                used += int(fields[11]) + int(fields[12])
        return used / CLOCK


def _times(pid: int) -> list[int]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) for field in fields[11:15]]


class Trial:
    """Counts what happens, and what is used, between two moments."""

    def __init__(self, stage: Stage, api: int, crowd: Crowd, connection: Any) -> None:
        self.stage = stage
        self.api = api
        self.crowd = crowd
        self.connection = connection
        self.changes = 0

    async def measured(self, way: str, seconds: float, make_changes: Any) -> Measured:
        """Let changes happen for a time; gives what came of them."""
        self.crowd.forget()
        api, database = sum(_times(self.api)), self.stage.database_cpu_s()
        self.changes = 0
        began = time.monotonic()
        await make_changes(began + seconds)
        took = time.monotonic() - began
        return Measured(
            way,
            self.changes,
            self.crowd.delays_ms,
            took,
            self.crowd.answers,
            self.crowd.refused,
            (sum(_times(self.api)) - api) / CLOCK,
            self.stage.database_cpu_s() - database,
        )

    async def send(self) -> int:
        """Broadcast one change; gives when it was made."""
        self.changes += 1
        at = time.monotonic_ns()
        await self.connection.execute(SEND, (at, TOPIC))
        return at

    async def update(self) -> int:
        """Make one change, for who asks; gives when it was made."""
        self.changes += 1
        at = time.monotonic_ns()
        await self.connection.execute(UPDATE, (str(at), self.stage.video))
        return at

    async def each_second(self, end: float, clients: int, change: Any) -> None:
        """Make a change a second, and wait for everybody to notice the last, but not for ever."""
        at = 0
        while time.monotonic() < end:
            at = await change()
            await asyncio.sleep(1)
        await settled(lambda: self.crowd.by_change[at] == clients)

    async def all_it_carries(self, end: float) -> None:
        """Keep so many changes on their way until everybody has had them."""
        while time.monotonic() < end:
            async with asyncio.timeout(START_S):
                await until(lambda: self.outstanding <= (WINDOW - 1) * self.crowd.joined)
            await self.send()
        async with asyncio.timeout(START_S):
            await until(lambda: not self.outstanding)

    @property
    def outstanding(self) -> int:
        """How many messages are on their way."""
        return self.changes * self.crowd.joined - len(self.crowd.delays_ms)


async def settled(condition: Callable[[], bool]) -> None:
    """Wait for what an overloaded server may never bring about."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLED_WITHIN_S):
            await until(condition)


@asynccontextmanager
async def listening(stage: Stage, crowd: Crowd, sockets: int) -> AsyncIterator[None]:
    """Have everybody join."""
    path = f"/realtime/v1/websocket?vsn=2.0.0&apikey={project_key('anon', stage.secret)}"
    transports = await gathered(
        ("127.0.0.1", stage.port), sockets, lambda _: Listening(crowd, path, TOPIC)
    )
    async with asyncio.timeout(START_S):
        await until(lambda: crowd.joined == sockets)
    yield
    for transport in transports:
        transport.close()


@asynccontextmanager
async def polling(stage: Stage, crowd: Crowd, sockets: int) -> AsyncIterator[None]:
    """Have everybody ask, spread evenly over the second."""
    path = f"/rest/v1/rpc/get_video?video_id={stage.video}"
    transports = await gathered(
        ("127.0.0.1", stage.port),
        sockets,
        lambda number: Polling(crowd, path, 1 + number / sockets),
    )
    # Before the first change each has asked once: what is there then is none.
    await settled(lambda: crowd.answers >= 2 * sockets)
    yield
    for transport in transports:
        transport.close()


async def compared(stage: Stage, api: int, options: Options) -> list[Measured]:
    """Measure all ways, one after the other."""
    rows = []
    connection = await psycopg.AsyncConnection.connect(stage.database.owner_url, autocommit=True)
    async with connection:
        crowd = Crowd()
        trial = Trial(stage, api, crowd, connection)
        async with listening(stage, crowd, options.sockets):
            rows.append(
                await trial.measured(
                    EACH_SECOND,
                    options.seconds,
                    lambda end: trial.each_second(end, options.sockets, trial.send),
                )
            )
            rows.append(await trial.measured(ALL_IT_CARRIES, options.seconds, trial.all_it_carries))
        async with polling(stage, crowd, options.sockets):
            rows.append(
                await trial.measured(
                    POLLED,
                    options.seconds,
                    lambda end: trial.each_second(end, options.sockets, trial.update),
                )
            )
    for row in rows[:2]:
        if row.noticed != row.changes * options.sockets:
            message = f"{row.way}: {row.noticed} of {row.changes * options.sockets} came"
            raise AssertionError(message)
    return rows


def measure(lab: Laboratory, options: Options) -> list[Measured]:
    """Return a row for each way."""
    stage = Stage(lab)
    with stage.serving() as api, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(compared(stage, api, options))


def body(rows: Sequence[Measured], options: Options) -> str:
    """Return the table, ratios first."""
    first = rows[0]
    cells = [
        [
            row.way,
            figure(100 * row.noticed / (row.changes * options.sockets)),
            ratio(row.delay(50), first.delay(50)),
            ratio(row.cpu_us, first.cpu_us),
            figure(row.noticed / row.seconds),
            figure(row.requests / row.seconds),
            figure(row.refused / row.seconds),
            figure(row.delay(50)),
            figure(row.delay(99)),
            figure(row.cpu_us),
        ]
        for row in rows
    ]
    about = (
        f"{options.sockets:,} connections, all of people who look at one video. A delay is from "
        "the statement that makes the change to the moment a client has read of it; CPU is what "
        "the API and Postgres use for each time somebody learns of a change. Who asks and is told "
        "that the server is busy asks again a second later."
    )
    return f"{about}\n\n{table(HEAD, cells)}"


HEAD = (
    *("way", "noticed %", "p50 / first", "CPU / first", "noticed/s", "answers/s", "busy/s"),
    *("p50 ms", "p99 ms", "CPU us"),
)


def goals(rows: Sequence[Measured]) -> list[Goal]:
    """Return what is promised."""
    by_way = {row.way: row for row in rows}
    broadcast, carried, polled = by_way[EACH_SECOND], by_way[ALL_IT_CARRIES], by_way[POLLED]
    # A clock tick is 10 ms: what is very small uses none.
    dearer = polled.cpu_us / broadcast.cpu_us if broadcast.cpu_us else math.inf
    return [
        at_least("CPU of asking beside broadcast", dearer, 5),
        at_most("p99 of a change a second, ms", broadcast.delay(99), 250),
        at_least("messages delivered a second", carried.noticed / carried.seconds, 10_000),
    ]


def parsed(arguments: Sequence[str]) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make bench-realtime", description=__doc__)
    parser.add_argument("--sockets", type=int, default=SOCKETS)
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each way")
    given = parser.parse_args(arguments)
    return Options(given.sockets, given.seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write down."""
    interrupts.install()
    options = parsed(sys.argv[1:] if arguments is None else arguments)
    with laboratory() as lab:
        rows = measure(lab, options)
        where = machine(lab.server)
    for row in rows:
        progress(f"{row.way}: {row.noticed:,} times somebody learned of {row.changes} changes")
    report = results.Report(
        "realtime", "make bench-realtime", where, body(rows, options), goals(rows)
    )
    return results.finish(report) if options == Options() else results.show(report)


if __name__ == "__main__":
    sys.exit(main())
