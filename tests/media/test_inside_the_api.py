"""With one setting the API deletes files itself; without, it never does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.serving import environment, served
from tests.support.server import Database


@pytest.mark.parametrize("switched_on", [True, False])
def test_the_worker_runs_beside_the_requests(
    switched_on: bool, clone_database: Callable[[], Database], imagekit: Any, api: Any
) -> None:
    database = clone_database()
    name = f"{time.time_ns()}.mp4"
    added = imagekit.control("POST", "/files", {"folder": "/videos/x", "names": [name]})
    given = environment(
        database, imagekit, api.jwt_secret, MEDIA_WORKER="1" if switched_on else "0"
    )
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(
            "insert into private.media_deletions (kind, target, file_id, reason) "
            "values ('file', %s, %s, 'expired')",
            (f"/videos/x/{name}", added["fileIds"][0]),
        )
        with served(given) as url:
            deadline = time.monotonic() + (15 if switched_on else 2)
            while state(owner) == "queued" and time.monotonic() < deadline:
                time.sleep(0.1)
            assert state(owner) == ("done" if switched_on else "queued")
            assert httpx.get(f"{url}/api/health").status_code == 200
    played = httpx.get(f"{imagekit.url_endpoint}/videos/x/{name}")
    assert played.status_code == (404 if switched_on else 200)


def state(owner: psycopg.Connection[Any]) -> str:
    row = owner.execute("select state from private.media_deletions where kind = 'file'").fetchone()
    assert row is not None
    return str(row[0])
