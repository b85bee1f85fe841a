"""PostgREST itself on a database of the tests', as the local stack runs it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from dev.stack import ports, postgrest
from tests.support.server import AUTHENTICATOR, Database

START_S = 30.0
SECRET = "PostgREST's secret in the tests, which is long enough"


@dataclass(frozen=True, slots=True)
class RunningPostgrest:
    """Where it answers, and whose tokens it believes."""

    url: str
    jwt_secret: str

    def environment(self) -> dict[str, str]:
        """Return its part of the API's environment."""
        return {"POSTGREST_URL": self.url, "POSTGREST_JWT_SECRET": self.jwt_secret}


@contextmanager
def running_postgrest(database: Database, log: Path, **changed: str) -> Iterator[RunningPostgrest]:
    """Run it on this database until the block ends; `changed` is told on top, or instead.

    Where it cannot be had this fails and says what is missing: nothing is skipped.
    """
    program = postgrest.fetched()
    port = ports.free_port()
    told = postgrest.variables(
        database_url=database.server.url(AUTHENTICATOR, database.name),
        jwt_secret=SECRET,
        port=port,
    )
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(program)],
            env={**told, **changed},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://{ports.HOST}:{port}"
    try:
        deadline = time.monotonic() + START_S
        while not _serves(url):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.03)
        yield RunningPostgrest(url, SECRET)
    finally:
        process.terminate()
        process.wait()


def _serves(url: str) -> bool:
    """Tell whether it has read the schema, too: before it answers 503."""
    try:
        return httpx.get(f"{url}/videos?limit=0").status_code == 200
    except httpx.TransportError:
        return False
