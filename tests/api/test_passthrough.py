"""What goes on to PostgREST and what comes back, with a neighbour that answers anything at all."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
import pytest

from api import passthrough
from api.settings import Settings, SettingsError
from dev.stack import ports
from dev.stack.tokens import ISSUER, project_key, user_token
from tests.api.serving import served
from tests.support.neighbour import Neighbour, next_door

SECRET = "what only the API and PostgREST know, and it is long"


Tables = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def door() -> Iterator[Neighbour]:
    with next_door() as neighbour:
        yield neighbour


@pytest.fixture
def neighbour(door: Neighbour) -> Neighbour:
    """As it is before anybody has told it anything."""
    door.forget()
    return door


@pytest.fixture(scope="module")
def served_tables(door: Neighbour, api_environment: dict[str, str]) -> Iterator[httpx.Client]:
    given = {
        "POSTGREST_URL": f"{door.url}/below",
        "POSTGREST_JWT_SECRET": SECRET,
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    with (
        served(api_environment | given) as url,
        httpx.Client(base_url=f"{url}/rest/v1", timeout=30) as client,
    ):
        yield client


@pytest.fixture
def ask(served_tables: httpx.Client, neighbour: Neighbour) -> Tables:
    """Ask an API for a table that this neighbour answers for."""
    return served_tables.request


def signed_in(api: Any, **claims: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {api.token('ada', **claims)}"}


def test_a_request_goes_on_as_it_was_written(ask: Tables, neighbour: Neighbour) -> None:
    body = b'[{"video_id": 1}]'
    kept = {
        "accept": "application/vnd.pgrst.object+json",
        "accept-profile": "public",
        "content-profile": "public",
        "content-type": "application/json",
        "prefer": "return=representation",
        "range": "0-1",
        "range-unit": "items",
    }
    dropped = {
        "apikey": "sb_publishable_x",
        "cookie": "a=b",
        "forwarded": "for=1.2.3.4",
        "origin": "https://evil.example",
        "te": "trailers",
        "x-client-address": "9.9.9.9",
        "x-client-info": "supabase-js",
        "x-real-ip": "9.9.9.9",
    }
    ask(
        "POST",
        "/vid%20eos?select=a%2Cb,c(*)&x=like.*%25&x=a+b",
        content=body,
        headers=kept | dropped,
    )
    (asked,) = neighbour.asked
    assert (asked.method, asked.body) == ("POST", body)
    assert asked.target == "/below/vid%20eos?select=a%2Cb,c(*)&x=like.*%25&x=a+b"
    assert asked.headers.items() >= kept.items()
    mine = {"host", "connection", "content-length", "accept-encoding", "user-agent"}
    # The anonymous are told apart by the address that our own proxies vouch for.
    assert asked.headers.keys() - kept.keys() - mine == {"x-client-address"}
    assert asked.headers["x-client-address"] == "127.0.0.1"


def test_the_address_is_the_nearest_hop_we_trust(ask: Tables, neighbour: Neighbour) -> None:
    ask("GET", "/videos", headers={"x-forwarded-for": "9.9.9.9, 203.0.113.7"})
    assert neighbour.asked[0].headers["x-client-address"] == "203.0.113.7"


def test_who_calls_is_said_anew(ask: Tables, neighbour: Neighbour, api: Any) -> None:
    in_a_while = int(time.time()) + 3000
    ask("GET", "/videos", headers=signed_in(api, note="ünï", iat=in_a_while))
    ask(
        "GET", "/videos", headers={"authorization": f"Bearer {project_key('anon', api.jwt_secret)}"}
    )
    known, unknown = neighbour.asked
    token = known.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, SECRET, ["HS256"], audience="authenticated")
    assert claims["sub"] == "ada"
    assert claims["role"] == "authenticated"
    assert claims["note"] == "ünï"
    assert claims["iss"] == ISSUER
    # By PostgREST's clock it would not be good yet; ours has decided.
    assert "iat" not in claims
    assert "x-client-address" not in known.headers
    assert "authorization" not in unknown.headers


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        ("Bearer nonsense", (401, "PGRST301")),
        ("Basic YTpi", (401, "PGRST301")),
        ("expired", (401, "PGRST303")),
        ("service", (403, "PT403")),
    ],
)
def test_whom_we_refuse_gets_no_further(
    header: str, refusal: tuple[int, str], ask: Tables, neighbour: Neighbour, api: Any
) -> None:
    tokens = {
        "expired": f"Bearer {user_token('ada', api.jwt_secret, lifetime=-1)}",
        "service": f"Bearer {project_key('service_role', api.jwt_secret)}",
    }
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"):
        headers = {"authorization": tokens.get(header, header)}
        answer = ask(method, "/videos", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == refusal
    assert neighbour.asked == []


def test_an_answer_comes_back_as_it_is(ask: Tables, neighbour: Neighbour) -> None:
    neighbour.says(
        206,
        b'[{"a":1}]',
        content_type="application/json; charset=utf-8",
        content_range="0-0/2",
        preference_applied="count=exact",
        x_function="said so",
        connection="x-hop, keep-alive",
        keep_alive="timeout=5",
        server="postgrest",
        access_control_allow_origin="*",
    )
    answer = ask("GET", "/videos")
    assert (answer.status_code, answer.content) == (206, b'[{"a":1}]')
    assert answer.headers["content-range"] == "0-0/2"
    assert answer.headers["preference-applied"] == "count=exact"
    assert answer.headers["x-function"] == "said so"
    assert answer.headers["x-content-type-options"] == "nosniff"
    not_ours = {"access-control-allow-origin", "keep-alive", "server", "connection"}
    assert not not_ours & answer.headers.keys()


def problem(code: str, message: str = "m", details: Any = None, hint: Any = None) -> bytes:
    said = {"code": code, "message": message, "details": details, "hint": hint}
    return json.dumps(said).encode()


ROW = "Key (username)=(ada) already exists."
PASSWORD = 'connection to server at "127.0.0.1" failed: FATAL: password of "authenticator"'


@pytest.mark.parametrize(
    ("said", "status", "told"),
    [
        (problem("23505", 'unique "user_profiles_username_key"', ROW), 409, "already_exists"),
        (problem("23514", 'check "texts"', "Failing row contains (ada, 1)."), 400, "value_refused"),
        (problem("42501", "permission denied for table videos"), 401, "permission_denied"),
        (problem("42703", "column videos.x does not exist"), 400, "column_not_found"),
        (problem("55000", 'cannot update view "video_feed"'), 405, "view_read_only"),
        (problem("XX000", "at postgres.c:12"), 500, "internal_error"),
        (problem("PGRST000", "no connection", PASSWORD), 503, "unavailable"),
        (problem("PGRST002", "no schema", PASSWORD), 503, "unavailable"),
        (problem("PGRST003", "pool", PASSWORD), 504, "timed_out"),
        (problem("PGRST301", "JWT of the API is not good"), 500, "internal_error"),
        (problem("PGRST121", "no JSON", PASSWORD), 500, "internal_error"),
        (b"<html>Bad gateway</html>", 500, "internal_error"),
        (b'{"error": "x"}', 500, "internal_error"),
    ],
)
def test_nothing_that_postgres_says_reaches_a_client(
    said: bytes, status: int, told: str, ask: Tables, neighbour: Neighbour
) -> None:
    neighbour.says(500, said)
    answer = ask("PATCH", "/user_profiles", json={"username": "ada"})
    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "details", "hint"}
    assert answer.json()["message"] == told
    for text in ("ada", "authenticator", "127.0.0.1", "postgres.c", "user_profiles", "JWT"):
        assert text not in answer.text


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (problem("PT409", "username_taken", "Somebody has it.", "Choose another one."), 409),
        (problem("P0001", "raised", None, None), 400),
        (problem("PGRST200", "Could not find a relationship", "Searched.", "Perhaps"), 404),
    ],
)
def test_what_is_said_on_purpose_passes(
    said: bytes, status: int, ask: Tables, neighbour: Neighbour
) -> None:
    neighbour.says(status, said)
    answer = ask("POST", "/video_likes", json={})
    assert (answer.status_code, answer.json()) == (status, json.loads(said))


def test_details_may_be_more_than_a_text(ask: Tables, neighbour: Neighbour) -> None:
    ambiguous = [{"cardinality": "one-to-many", "embedding": "videos with video_likes"}]
    neighbour.says(300, problem("PGRST201", "more than one relationship", ambiguous))
    assert ask("GET", "/videos").json()["details"] == ambiguous
    neighbour.says(400, problem("PGRST201", "more than one relationship", ambiguous))
    assert json.loads(ask("GET", "/videos").json()["details"]) == ambiguous


def test_when_to_try_again_is_told_on(ask: Tables, neighbour: Neighbour) -> None:
    neighbour.says(429, problem("PT429", "too_many", "Wait."), retry_after="37")
    assert ask("POST", "/video_likes", json={}).headers.get_list("retry-after") == ["37"]


def test_an_answer_to_head_has_no_body(ask: Tables, neighbour: Neighbour) -> None:
    neighbour.says(404, b"", content_type="application/json; charset=utf-8")
    answer = ask("HEAD", "/nope")
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("table", ["", "/", "/a/b", "/rpc", "/%2e%2e", "/a%2fb", "/a%00b"])
def test_only_a_table_is_asked_for(table: str, ask: Tables, neighbour: Neighbour) -> None:
    assert ask("GET", table).status_code == 404
    assert neighbour.asked == []


def test_a_body_has_the_usual_limit(ask: Tables, neighbour: Neighbour) -> None:
    answer = ask("POST", "/video_likes", content=b"x" * 65_537)
    assert (answer.status_code, answer.json()["message"]) == (413, "body_too_large")
    assert neighbour.asked == []


def test_an_answer_has_a_limit(ask: Tables, neighbour: Neighbour) -> None:
    neighbour.says(200, b"x" * (passthrough.MAX_ANSWER_BYTES + 1))
    answer = ask("GET", "/videos")
    assert (answer.status_code, answer.json()["message"]) == (400, "answer_too_large")
    neighbour.says(200, b"x" * passthrough.MAX_ANSWER_BYTES)
    assert ask("GET", "/videos").status_code == 200


def test_a_broken_connection_is_503_and_the_next_call_works(
    ask: Tables, neighbour: Neighbour
) -> None:
    neighbour.hangs_up = True
    answer = ask("GET", "/videos")
    assert (answer.status_code, answer.json()["code"]) == (503, "PGRST001")
    assert answer.headers["retry-after"] == "1"
    neighbour.hangs_up = False
    assert ask("GET", "/videos").status_code == 200


def test_nobody_there_is_503(api_environment: dict[str, str]) -> None:
    given = {"POSTGREST_URL": f"http://127.0.0.1:{ports.free_port()}"}
    with served(api_environment | given) as url:
        answer = httpx.get(f"{url}/rest/v1/videos")
        assert (answer.status_code, answer.json()["code"]) == (503, "PGRST000")
        assert httpx.post(f"{url}/rest/v1/rpc/feed").status_code == 200


def test_one_that_does_not_answer_is_504(
    api_environment: dict[str, str], neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passthrough, "ANSWER_WITHIN_S", 0.2)
    neighbour.after_s = 1
    with served(api_environment | {"POSTGREST_URL": neighbour.url}) as url:
        answer = httpx.get(f"{url}/rest/v1/videos")
    assert (answer.status_code, answer.json()["message"]) == (504, "timed_out")


def test_more_than_it_carries_wait_and_then_are_told(
    api_environment: dict[str, str], neighbour: Neighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passthrough, "WAIT_S", 0.1)
    monkeypatch.setattr(passthrough, "MAX_CONNECTIONS", 1)
    neighbour.after_s = 0.5
    with (
        served(api_environment | {"POSTGREST_URL": neighbour.url}) as url,
        ThreadPoolExecutor(4) as pool,
    ):
        answers = list(pool.map(httpx.get, [f"{url}/rest/v1/videos"] * 4))
    statuses = [answer.status_code for answer in answers]
    assert sorted(statuses) == [200, 503, 503, 503]


def test_without_one_tables_say_how_to_get_it(http: httpx.Client, api: Any) -> None:
    for headers in ({}, signed_in(api)):
        answer = http.get("/rest/v1/videos?select=*", headers=headers)
        assert answer.status_code == 501
        said = answer.json()
        assert set(said) == {"code", "message", "details", "hint"}
        assert said["message"] == "tables_not_served"
        assert "POSTGREST_URL" in said["hint"]
    bad = http.get("/rest/v1/videos", headers={"authorization": "Bearer x"})
    assert bad.status_code == 401


def test_a_secret_is_needed_to_speak_for_others(api_environment: dict[str, str]) -> None:
    given = api_environment | {"POSTGREST_URL": "http://127.0.0.1:1"}
    assert Settings.from_environment(given).postgrest_jwt_secret == given["SUPABASE_JWT_SECRET"]
    with pytest.raises(SettingsError, match="POSTGREST_JWT_SECRET is missing"):
        Settings.from_environment(given | {"SUPABASE_JWT_SECRET": ""})
    with pytest.raises(SettingsError, match="POSTGREST_JWT_SECRET must have at least 32 bytes"):
        Settings.from_environment(given | {"POSTGREST_JWT_SECRET": "short"})
