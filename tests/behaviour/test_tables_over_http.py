"""Tables and views answer over HTTP as they do to SQL: whoever asks, whatever he does to them.

PostgREST takes back here whatever it does, so that each request meets the same world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from dev.stack.tokens import project_key, user_token
from tests.api.serving import environment, served
from tests.behaviour.__main__ import FILE
from tests.behaviour.probe import (
    PERSONAS,
    STATES,
    Key,
    Outcomes,
    Relation,
    Rows,
    make_world,
    outcomes_of,
    relations_of,
    rows_for,
)
from tests.behaviour.templates import INSERTS
from tests.behaviour.test_over_http import PEOPLE, SECRET
from tests.support.postgrest import running_postgrest
from tests.support.server import Database

pytestmark = pytest.mark.slow

COUNTED = {"prefer": "count=exact"}
METHODS = {"select": "GET", "insert": "POST", "update": "PATCH", "delete": "DELETE"}


@dataclass(frozen=True)
class World:
    """A committed world: whose rows are where in it, what there is, and what SQL says of it."""

    rows: dict[str, dict[str, Rows]]
    relations: list[Relation]
    outcomes: Outcomes


@pytest.fixture(scope="module")
def world(peopled: Database) -> World:
    with psycopg.connect(peopled.admin_url) as connection:
        make_world(connection)
        rows = {persona: rows_for(connection, persona) for persona in PERSONAS}
        connection.commit()
        relations = relations_of(connection)
        outcomes = outcomes_of(connection, rows, relations, [])
        connection.rollback()
    return World(rows, relations, outcomes)


@pytest.fixture(scope="module")
def http(
    peopled: Database, world: World, imagekit: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    log = tmp_path_factory.mktemp("postgrest") / "log"
    with (
        running_postgrest(peopled, log, PGRST_DB_TX_END="rollback") as postgrest,
        served(environment(peopled, imagekit, SECRET) | postgrest.environment()) as url,
        httpx.Client(base_url=f"{url}/rest/v1", timeout=30) as client,
    ):
        yield client


Send = Callable[..., httpx.Response]


def sender(http: httpx.Client, person: str) -> Send:
    """Return what sends as a person, with the rows of the answer counted."""
    signed_in = {"authorization": f"Bearer {user_token(person, SECRET)}"}
    headers = COUNTED | ({} if person == "anonymous" else signed_in)

    def send(method: str, table: str, **options: Any) -> httpx.Response:
        return http.request(method, f"/{table}", headers=headers, **options)

    return send


def in_a_word(answer: httpx.Response) -> str:
    """What tests.outcome would call it."""
    if answer.is_success:
        rows = int(answer.headers["content-range"].rpartition("/")[2])
        return f"{rows} {'row' if rows == 1 else 'rows'}"
    said = answer.json()
    code = str(said["code"])
    return f"{code} {said['message']}" if code.startswith("PT") else code


def over_http(send: Send, relation: Relation, case: Key, rows: dict[str, Rows]) -> str | None:
    """Try a case of the probe; None for what HTTP has no word for."""
    _, verb, column, state = case
    row = rows[state if state in STATES else "visible"]
    where = found_by(relation, state, row)
    for insert in INSERTS.get(relation.name, ()):
        if verb == f"insert {insert.template}":
            values = {name: row.value(value) for name, value in insert.row.items()}
            return in_a_word(send("POST", relation.name, json=values))
    match verb:
        case "select":
            wanted = {"select": column or next(iter(where))}
            return in_a_word(send("GET", relation.name, params=wanted | where))
        case "insert":
            return in_a_word(send("POST", relation.name, json={column: None}))
        case "update":
            # There is no `set x = x` here; every other column that may be written may be null.
            value = row.me if column == "username" else None
            return in_a_word(send("PATCH", relation.name, params=where, json={column: value}))
        case "delete":
            return in_a_word(send("DELETE", relation.name, params=where))
    return None


def found_by(relation: Relation, state: str, row: Rows) -> dict[str, str]:
    """The filter for what the probe finds with a where."""
    if state in STATES:
        return {"id" if relation.name == "videos" else "video_id": f"eq.{row.video}"}
    owners = {"mine": row.me, "another's": "writer"}
    return {"user_id": f"eq.{owners[state]}"} if state in owners else {}


def exposed(world: World) -> dict[str, Relation]:
    """Those of the schema public, by the name they have in the probe."""
    return {one.title: one for one in world.relations if "." not in one.name}


def test_both_doors_agree_with_what_is_committed(http: httpx.Client, world: World) -> None:
    relations = exposed(world)
    assert {"videos", "video_feed", "user_blocks"} <= relations.keys()
    asked = 0
    for person in PEOPLE:
        send, place = sender(http, person), list(PERSONAS).index(person)
        for case, outcomes in world.outcomes.by_case.items():
            if case[0] in relations:
                said = over_http(send, relations[case[0]], case, world.rows[person])
                if said is not None:
                    outcomes[place] = said
                    asked += 1
    assert asked > 300 * len(PEOPLE)
    of_tables = [line for line in FILE.read_text().splitlines() if line.split("\t")[0] in relations]
    found = [line for line in world.outcomes.lines() if line.split("\t")[0] in relations]
    assert found == of_tables


@pytest.mark.parametrize("person", PEOPLE)
def test_no_other_schema_is_reached(person: str, http: httpx.Client, world: World) -> None:
    shut = [one.name for one in world.relations if "." in one.name]
    assert len({name.split(".")[0] for name in shut}) == 4
    token = {"authorization": f"Bearer {user_token(person, SECRET)}"}
    for name in shut:
        schema, _, table = name.partition(".")
        for method in METHODS.values():
            profile = "accept-profile" if method == "GET" else "content-profile"
            headers = {profile: schema, **({} if person == "anonymous" else token)}
            body: Any = None if method in {"GET", "DELETE"} else {}
            answer = http.request(method, f"/{table}", headers=headers, json=body)
            assert (answer.status_code, answer.json()["code"]) == (406, "PGRST106"), name


@pytest.mark.parametrize(
    ("persona", "token", "refusal"),
    [
        ("forged", user_token("owner", "another secret, as long as the real one is"), 401),
        ("no_sub", user_token("x", SECRET, sub=None), 401),
        ("service", project_key("service_role", SECRET), 403),
    ],
)
def test_the_other_personas_do_not_get_as_far(
    persona: str, token: str, refusal: int, http: httpx.Client, world: World
) -> None:
    assert set(PERSONAS) == {*PEOPLE, "forged", "no_sub", "service"}
    for table in exposed(world):
        for method in METHODS.values():
            answer = http.request(method, f"/{table}", headers={"authorization": f"Bearer {token}"})
            assert answer.status_code == refusal


def test_what_it_did_is_taken_back(http: httpx.Client, world: World) -> None:
    """Or the worlds of the cases above would not be the same one."""
    send, rows = sender(http, "stranger"), world.rows["stranger"]["visible"]
    like = {"video_id": f"eq.{rows.video}", "user_id": "eq.stranger"}
    for _ in range(2):
        assert in_a_word(send("DELETE", "video_likes", params=like)) == "1 row"
