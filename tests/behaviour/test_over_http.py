"""HTTP answers what SQL does: the same calls, by the same people, about the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from dev.stack.tokens import user_token
from tests.api.serving import environment, served
from tests.behaviour.probe import STATES, Rows, make_world, rows_for
from tests.behaviour.templates import CONTRACT, LAST, Call
from tests.support import pgtap
from tests.support.server import Database

SECRET = "a secret of the tests that is long enough"
# Those of the probe who have a token, or none. Forged claims and tokens without a sub do not get
# as far as the database, and the service key is not served.
PEOPLE = ("anonymous", "owner", "stranger", "blocked", "suspended")


@pytest.fixture(params=PEOPLE)
def person(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def inhabited(clone_database: Callable[[], Database]) -> Database:
    database = clone_database()
    pgtap.prepare(database.admin_url)
    return database


@pytest.fixture
def rows(inhabited: Database, person: str) -> dict[str, Rows]:
    """The world, committed, and whose rows are where in it."""
    with psycopg.connect(inhabited.admin_url) as connection:
        make_world(connection)
        return rows_for(connection, person)


@pytest.fixture
def http(inhabited: Database, imagekit: Any, rows: dict[str, Rows]) -> Iterator[httpx.Client]:
    with (
        served(environment(inhabited, imagekit, SECRET)) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        yield client


def calls() -> list[tuple[str, Call]]:
    """Every call of the contract, those that change the world for others last."""
    every = [(name, call) for name, several in CONTRACT.items() for call in several]
    return sorted(every, key=lambda one: one[1].function in LAST and LAST.index(one[1].function))


def over_sql(connection: psycopg.Connection[Any], person: str, statement: str) -> str:
    """What the probe would write down."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "select tests.as_anonymous()"
            if person == "anonymous"
            else f"select tests.sign_in('{person}')".encode()
        )
        row = connection.execute("select tests.outcome(%s)", [statement]).fetchone()
    assert row is not None
    return str(row[0])


def over_http(http: httpx.Client, person: str, function: str, arguments: dict[str, Any]) -> str:
    """The same words for what HTTP answers."""
    headers = {}
    if person != "anonymous":
        headers["authorization"] = f"Bearer {user_token(person, SECRET)}"
    answer = http.post(f"/rest/v1/rpc/{function}", json=arguments, headers=headers)
    assert answer.status_code < 500, answer.text
    body: Any = answer.json() if answer.content else None
    if answer.is_success:
        rows = len(body) if isinstance(body, list) else 1
        return f"{rows} {'row' if rows == 1 else 'rows'}"
    code = body["code"]
    return f"{code} {body['message']}" if code.startswith("PT") else str(code)


@pytest.mark.slow
def test_both_doors_agree(
    http: httpx.Client, inhabited: Database, person: str, rows: dict[str, Rows]
) -> None:
    disagreements = []
    with psycopg.connect(inhabited.admin_url) as connection:
        for name, call in calls():
            for state in STATES if call.needs_a_video else ("visible",):
                row = rows[state]
                sql = over_sql(connection, person, f"select from {row.fill(call.statement)}")
                arguments = {key: row.value(value) for key, value in call.arguments.items()}
                said = over_http(http, person, call.function, arguments)
                if sql != said:
                    disagreements.append((name, state, sql, said))
    assert disagreements == []
