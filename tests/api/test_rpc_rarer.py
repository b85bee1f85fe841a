"""What the fast path does not speak is a PostgREST's to answer, or is refused: never ignored."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar.types import HTTPScope, Receive

from api import app
from api.http import Answer
from tests.api.laboratory import Laboratory
from tests.api.people import Person, person, stranger
from tests.api.serving import environment, served

# method, path, body, headers, and what is said where there is no PostgREST
RARE: list[tuple[str, str, Any, dict[str, str], tuple[int, str]]] = [
    ("GET", "/profiles?select=*,videos(*)", None, {}, (400, "PGRST127")),
    ("POST", "/profiles?select=user_id.count()", {}, {}, (400, "PGRST127")),
    ("GET", "/profiles?order=videos(id).desc", None, {}, (400, "PGRST127")),
    ("GET", "/profiles?videos.id=eq.1", None, {}, (400, "PGRST127")),
    ("GET", "/instruments?or=(id.eq.1,id.eq.2)", None, {}, (400, "PGRST127")),
    ("POST", "/instruments?not.and=(id.eq.1,id.eq.2)", {}, {}, (400, "PGRST127")),
    ("GET", "/instruments?tags=cs.{wood}", None, {}, (400, "PGRST127")),
    ("GET", "/instruments?name=fts(english).oud", None, {}, (400, "PGRST127")),
    ("GET", "/instruments?order=id&order=name", None, {}, (400, "PGRST127")),
    ("POST", "/instruments?columns=id", {}, {}, (400, "PGRST127")),
    ("GET", f"/instruments?select={'id,' * 2000}id", None, {}, (400, "PGRST127")),
    ("GET", "/instruments?select=id::regclass", None, {}, (400, "42704")),
    ("GET", "/instruments?select=computed", None, {}, (400, "42703")),
    ("GET", "/adds_up?numbers=1&numbers=2", None, {}, (400, "PGRST127")),
    ("POST", "/takes_json", {"any": 1}, {}, (404, "PGRST202")),
    ("POST", "/echo", [{"small": 1}], {}, (400, "PGRST102")),
    ("GET", "/instruments", None, {"accept": "text/csv"}, (406, "PGRST107")),
    (
        "GET",
        "/instruments",
        None,
        {"accept": "application/vnd.pgrst.array+json;nulls=stripped"},
        (406, "PGRST107"),
    ),
    ("GET", "/instruments", None, {"accept": "image/png"}, (406, "PGRST107")),
    ("POST", "/echo", "words=x", {"content-type": "text/plain"}, (415, "PGRST102")),
    ("GET", "/many?n=1", None, {"prefer": "timezone=Asia/Tokyo"}, (400, "PGRST127")),
    ("GET", "/many?n=1", None, {"prefer": "handling=strict, x=y"}, (400, "PGRST127")),
]


@pytest.fixture
def nobody(laboratory: Laboratory) -> Person:
    return laboratory.stranger()


def ask(who: Person, method: str, path: str, body: Any, headers: dict[str, str]) -> httpx.Response:
    content = body if isinstance(body, str | None) else json.dumps(body)
    if body is not None:
        headers = {"content-type": "application/json"} | headers
    return who.send(method, path, content=content, headers=headers)


@pytest.mark.parametrize(("method", "path", "body", "headers", "said"), RARE)
def test_without_a_postgrest_it_is_refused(  # noqa: PLR0917 - the columns of the table
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    said: tuple[int, str],
    nobody: Person,
) -> None:
    answer = ask(nobody, method, path, body, headers)
    assert (answer.status_code, answer.json()["code"]) == said, answer.text
    assert set(answer.json()) == {"code", "message", "details", "hint"}
    if said[1] == "PGRST127":
        assert "only where a PostgREST runs beside this API" in answer.json()["details"]


class Witness:
    """Stands where a PostgREST is reached, and tells what arrived there."""

    available = True

    def __init__(self, *_: Any) -> None:
        """Take whatever is needed to reach one."""

    async def open(self) -> None:
        """There is nothing to open."""

    async def close(self) -> None:
        """There is nothing to close."""

    async def forward(self, scope: HTTPScope, _: Receive, body: bytes | None) -> Answer:
        """Answer with what was asked."""
        query = scope["query_string"].decode()
        told = {"method": scope["method"], "query": query, "body": body and body.decode()}
        return Answer(299, json.dumps(told).encode())


@pytest.fixture(scope="module")
def with_postgrest(laboratory: Laboratory, imagekit: Any) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Passthrough", Witness)
        with served(environment(laboratory.database, imagekit, laboratory.jwt_secret)) as url:
            yield url


@pytest.fixture
def connected(with_postgrest: str) -> Iterator[Person]:
    with httpx.Client(base_url=f"{with_postgrest}/rest/v1/rpc") as http:
        yield stranger(http)


@pytest.mark.parametrize(("method", "path", "body", "headers", "said"), RARE)
def test_beside_a_postgrest_it_goes_there_whole(  # noqa: PLR0917
    method: str,
    path: str,
    body: Any,
    headers: dict[str, str],
    said: tuple[int, str],
    connected: Person,
) -> None:
    answer = ask(connected, method, path, body, headers)
    assert answer.status_code == 299, (said, answer.text)
    told = answer.json()
    assert told["method"] == method
    assert httpx.QueryParams(told["query"]) == httpx.URL(path).params
    if body is not None and told["body"] is not None:
        assert told["body"] == (body if isinstance(body, str) else json.dumps(body))
    if method == "POST" and "?" not in path:
        assert told["body"] is not None


def test_what_is_spoken_here_is_answered_here(
    connected: Person, with_postgrest: str, laboratory: Laboratory
) -> None:
    assert connected.get("/instruments?select=id&id=eq.1").json() == [{"id": 1}]
    assert connected.get("/nowhere").status_code == 404
    assert connected.get("/instruments?select=id,").status_code == 400
    with httpx.Client(base_url=f"{with_postgrest}/rest/v1/rpc") as http:
        forger = person(http, "forger", "another secret of thirty-two bytes")
        assert forger.get("/profiles?select=*,videos(*)").status_code == 401
