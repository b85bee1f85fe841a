"""A throw-away copy of the database with functions that no product has, and an API on it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from tests.api.people import Person, person, stranger
from tests.api.serving import environment, served

FUNCTIONS = Path(__file__).parent / "laboratory.sql"
POOL_SIZE = 2


@dataclass(frozen=True, slots=True)
class Laboratory:
    """The copy's address, its API's address, and the secret of that API's tokens."""

    database: Any
    url: str
    jwt_secret: str
    owner: psycopg.Connection[Any]
    http: httpx.Client

    def person(self, name: str) -> Person:
        """Return somebody who is signed in; paths are names of functions."""
        return person(self.http, name, self.jwt_secret)

    def stranger(self) -> Person:
        """Return somebody who is not."""
        return stranger(self.http)

    def connections(self) -> list[int]:
        """Return the backends of the API's connections."""
        rows = self.owner.execute(
            "select pid from pg_stat_activity "
            "where datname = current_database() and usename like 'api%'"
        ).fetchall()
        return [pid for (pid,) in rows]

    def running(self, query: str) -> int:
        """Return how many of the API's connections are running something like `query`."""
        with psycopg.connect(self.database.admin_url, autocommit=True) as admin:
            row = admin.execute(
                "select count(*) from pg_stat_activity where datname = current_database() "
                "and usename like 'api%%' and state = 'active' and query like %s",
                (f"%{query}%",),
            ).fetchone()
        assert row is not None
        return int(row[0])

    def kill_connections(self) -> int:
        """End every connection of the API, as a failover does; gives how many there were."""
        with psycopg.connect(self.database.admin_url, autocommit=True) as admin:
            row = admin.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity "
                "where datname = current_database() and usename like 'api%'"
            ).fetchone()
        assert row is not None
        return int(row[0])


def eventually(who: Person, function: str, wanted: Any, **arguments: Any) -> None:
    """Call until the answer is as wanted."""
    deadline = time.monotonic() + 5
    while True:
        answer = who.post(f"/{function}", json=arguments)
        if answer.status_code == 200 and answer.json() == wanted:
            return
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.05)


@contextmanager
def opened(clone_database: Any, imagekit: Any, jwt_secret: str) -> Iterator[Laboratory]:
    """Make the copy, load the functions and serve it with small pools."""
    database = clone_database()
    given = environment(database, imagekit, jwt_secret, API_POOL_SIZE=str(POOL_SIZE))
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(FUNCTIONS.read_text())
        with psycopg.connect(database.admin_url, autocommit=True) as admin:
            # The login roles belong to the whole cluster; this holds in the copy alone.
            admin.execute(
                f"alter role api_anon in database {database.name} set statement_timeout = '1s'"
            )
        with (
            served(given) as url,
            httpx.Client(base_url=f"{url}/rest/v1/rpc", timeout=30) as http,
        ):
            yield Laboratory(database, url, jwt_secret, owner, http)
