"""`/api/health/ready`: what a deploy and a monitor ask."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api.readiness import REMEMBERED_S, newest_migration
from tests.api.people import Person
from tests.api.serving import environment, served
from tests.support.server import Database, PostgresServer


@dataclass(frozen=True, slots=True)
class Instance:
    """An API on a database of its own."""

    url: str
    database: Database

    def ready(self) -> httpx.Response:
        """Ask, when what was answered before is forgotten."""
        time.sleep(REMEMBERED_S)
        return httpx.get(f"{self.url}/api/health/ready", timeout=10)


@pytest.fixture
def instance(clone_database: Callable[[], Database], imagekit: Any, api: Any) -> Iterator[Instance]:
    database = clone_database()
    with served(environment(database, imagekit, api.jwt_secret)) as url:
        yield Instance(url, database)


def test_an_instance_is_ready_until_a_check_says_why_not(instance: Instance) -> None:
    answer = instance.ready()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert body["status"] == "ready"
    assert body["checks"] == {
        name: {"ok": True, "detail": None}
        for name in ("breaker", "cron", "deletions", "deploy", "drift", "retention", "database")
    }
    with psycopg.connect(instance.database.owner_url, autocommit=True) as owner:
        owner.execute("select private.stop_media('refused')")
    answer = instance.ready()
    assert answer.status_code == 503
    body = answer.json()
    assert body["status"] == "not ready"
    assert [name for name, check in body["checks"].items() if not check["ok"]] == ["breaker"]
    assert httpx.get(f"{instance.url}/api/health").status_code == 200


def test_a_database_that_lacks_the_newest_migration_is_not_ready(instance: Instance) -> None:
    newest = newest_migration()
    assert newest is not None
    with psycopg.connect(instance.database.owner_url, autocommit=True) as owner:
        owner.execute("delete from deploy.migrations where version = %s", (newest.decode(),))
    answer = instance.ready()
    assert answer.status_code == 503
    assert not answer.json()["checks"]["deploy"]["ok"]


def test_a_database_that_is_gone_is_not_ready_and_comes_back(
    instance: Instance, cluster: PostgresServer
) -> None:
    with cluster.connect() as admin:
        name = psycopg.conninfo.conninfo_to_dict(instance.database.owner_url)["dbname"]
        admin.execute(f'alter database "{name}" allow_connections false')
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,)
        )
        answer = instance.ready()
        assert answer.status_code == 503
        assert answer.json()["checks"] == {
            "database": {"ok": False, "detail": "The database does not answer."}
        }
        assert httpx.get(f"{instance.url}/api/health").status_code == 200
        admin.execute(f'alter database "{name}" allow_connections true')
    deadline = time.monotonic() + 10
    while instance.ready().status_code != 200:
        assert time.monotonic() < deadline, "it does not come back"


def test_many_who_ask_at_once_are_one_question(instance: Instance) -> None:
    asked = "select calls from pg_stat_user_functions where funcname = 'check_health'"
    with psycopg.connect(instance.database.admin_url, autocommit=True) as admin:
        admin.execute("alter role api_media set track_functions = 'all'")
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where usename = 'api_media' and datname = current_database()"
        )
        try:
            with httpx.Client(base_url=instance.url, timeout=10) as client:
                instance.ready()
                before = time.monotonic()
                for _ in range(50):
                    assert client.get("/api/health/ready").status_code == 200
                took = time.monotonic() - before
            deadline = time.monotonic() + 10
            while not (row := admin.execute(asked).fetchone()):
                assert time.monotonic() < deadline, "no call was counted"
                admin.execute("select pg_stat_clear_snapshot()")
                time.sleep(0.1)
            assert row[0] <= 2 + took / REMEMBERED_S
        finally:
            admin.execute("alter role api_media reset track_functions")


def test_code_without_migrations_beside_it_asks_for_none(tmp_path: Path) -> None:
    assert newest_migration(tmp_path) is None
    (tmp_path / "20260102030405_b.sql").touch()
    (tmp_path / "20260102030404_z.sql").touch()
    assert newest_migration(tmp_path) == b"20260102030405"


def test_nothing_in_the_answer_says_where_or_what_the_database_is(nobody: Person) -> None:
    text = nobody.get("/api/health/ready").text
    for word in ("postgres", "127.0.0.1", "select", "version", "api_"):
        assert word not in text.lower()
