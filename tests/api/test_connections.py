"""Pools under stress: full, cancelled, killed, and never anybody else's identity."""

from __future__ import annotations

import json
import random
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx
import jwt
import psycopg
import pytest

from api.calls import guarded
from dev.stack.tokens import user_token
from tests.api.laboratory import POOL_SIZE, Laboratory
from tests.api.people import Person
from tests.api.serving import environment, served


def who_am_i(who: Person) -> dict[str, Any]:
    answer = who.post("/who_am_i", json={})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def assert_soon(happened: Callable[[], bool]) -> None:
    """Sessions take their time to come to a busy server and to leave it."""
    deadline = time.monotonic() + 10
    while not happened():
        assert time.monotonic() < deadline, "ten seconds were not enough"
        time.sleep(0.05)


def assert_replaced(before: set[int], laboratory: Laboratory) -> None:
    assert_soon(lambda: set(laboratory.connections()) != before)


def test_a_session_is_its_role(laboratory: Laboratory) -> None:
    ada = laboratory.person("ada")
    assert who_am_i(ada) == {"role": "authenticated", "sub": ada.user_id, "address": None}
    assert who_am_i(laboratory.stranger()) == {"role": "anon", "sub": None, "address": None}


def test_the_claims_are_the_tokens_own_payload(laboratory: Laboratory) -> None:
    """Byte for byte: oddly spaced, with a claim of no interest to us."""
    payload = (
        '{ "sub":"ada","role":"authenticated" , "aud":"authenticated",'
        '"iss":"supabase","exp":4e9,"x":1.0 }'
    )
    token = jwt.PyJWS().encode(payload.encode(), laboratory.jwt_secret, "HS256")
    answer = laboratory.http.post(
        "/my_claims", json={}, headers={"authorization": f"Bearer {token}"}
    )
    assert answer.json() == payload


def test_an_anonymous_token_brings_no_claims_of_its_own(laboratory: Laboratory) -> None:
    token = user_token("ada", laboratory.jwt_secret, role="anon")
    answer = laboratory.http.post(
        "/my_claims", json={}, headers={"authorization": f"Bearer {token}"}
    )
    assert answer.json() == '{"role":"anon"}'


def test_when_every_connection_is_busy_the_rest_is_told_to_come_back(
    laboratory: Laboratory,
) -> None:
    ada = laboratory.person("ada")
    started = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ada.post("/nap", json={"seconds": 2.6}), range(8)))
    assert time.monotonic() - started < 6
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * POOL_SIZE + [503] * (8 - POOL_SIZE)
    for answer in answers:
        if answer.status_code == 503:
            assert answer.headers["retry-after"] == "1"
            assert answer.json()["message"] == "busy"
    # The other roles' connections were never concerned, and these are free again.
    assert laboratory.stranger().post("/who_am_i", json={}).status_code == 200
    assert who_am_i(ada)["sub"] == ada.user_id


def test_full_pools_are_told_in_the_envelope_on_our_own_routes(laboratory: Laboratory) -> None:
    ada = laboratory.person("ada")
    with ThreadPoolExecutor(POOL_SIZE) as pool:
        naps = [pool.submit(ada.post, "/nap", json={"seconds": 3}) for _ in range(POOL_SIZE)]
        time.sleep(0.3)
        answer = httpx.get(f"{laboratory.url}/api/videos/feed", headers=ada.headers, timeout=10)
        for nap in naps:
            nap.result()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["error"]["message"] == "busy"


def test_a_client_that_leaves_cancels_its_query(laboratory: Laboratory) -> None:
    ada = laboratory.person("ada")
    leave_in_the_middle(laboratory, ada, b'{"seconds": 7.5}')
    assert laboratory.running("nap") == 1
    deadline = time.monotonic() + 3
    while laboratory.running("nap") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert laboratory.running("nap") == 0
    for _ in range(2 * POOL_SIZE):
        assert who_am_i(ada)["sub"] == ada.user_id


def leave_in_the_middle(laboratory: Laboratory, who: Person, body: bytes) -> None:
    """Ask for a nap and hang up once it has begun."""
    parts = urlsplit(laboratory.url)
    headers = {"host": "localhost", "content-type": "application/json", **who.headers}
    told = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = f"POST /rest/v1/rpc/nap HTTP/1.1\r\n{told}content-length: {len(body)}\r\n\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as line:
        line.sendall(request.encode() + body)
        wait_for(laboratory, "nap")


def test_connections_that_died_cost_no_request(laboratory: Laboratory) -> None:
    ada, nobody = laboratory.person("ada"), laboratory.stranger()
    for _ in range(3):
        assert_soon(lambda: len(laboratory.connections()) >= 2 * POOL_SIZE)
        laboratory.kill_connections()
        for _ in range(3 * POOL_SIZE):
            assert who_am_i(ada)["sub"] == ada.user_id
            assert who_am_i(nobody)["role"] == "anon"


def test_a_session_that_ends_under_a_query_has_done_nothing_so_it_is_done_again(
    laboratory: Laboratory,
) -> None:
    ada = laboratory.person("ada")
    laboratory.owner.execute("truncate public.scratch")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ada.post, "/writes_slowly", json={"seconds": 1})
        wait_for(laboratory, "writes_slowly")
        laboratory.kill_connections()
        answer = asked.result()
    assert answer.status_code == 200, answer.text
    assert laboratory.owner.execute("select count(*) from public.scratch").fetchone() == (1,)


def test_a_database_that_keeps_ending_sessions_is_told_as_unavailable(
    laboratory: Laboratory,
) -> None:
    ada = laboratory.person("ada")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ada.post, "/nap", json={"seconds": 6})
        for _ in range(2):
            wait_for(laboratory, "nap")
            laboratory.kill_connections()
        answer = asked.result()
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert who_am_i(ada)["sub"] == ada.user_id


def wait_for(laboratory: Laboratory, query: str) -> None:
    """Return once a query like this runs."""
    deadline = time.monotonic() + 5
    while not laboratory.running(query) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_query_that_takes_too_long_is_504_here_and_500_in_the_other_dialect(
    laboratory: Laboratory,
) -> None:
    """Strangers have one second in the laboratory."""
    nap = laboratory.stranger().post("/nap", json={"seconds": 10})
    assert nap.status_code == 500
    assert (nap.json()["code"], nap.json()["message"]) == ("57014", "timed_out")
    with psycopg.connect(laboratory.database.owner_url) as owner:
        owner.execute("lock table public.videos in access exclusive mode")
        feed = httpx.get(f"{laboratory.url}/api/videos/feed", timeout=10)
    assert feed.status_code == 504
    assert feed.json()["error"]["message"] == "timed_out"


def test_a_session_that_lost_its_role_answers_nothing_and_is_thrown_away(
    laboratory: Laboratory,
) -> None:
    nobody = laboratory.stranger()
    # The first is refused by the login's lack of rights, the second by the statement's guard.
    for function in ("who_am_i", "for_everybody"):
        before = set(laboratory.connections())
        assert nobody.post("/break_out", json={}).status_code == 200
        answers = [nobody.post(f"/{function}", json={}) for _ in range(3 * POOL_SIZE)]
        assert [answer.status_code for answer in answers].count(500) == 1
        assert "api_anon" not in "".join(answer.text for answer in answers)
        for _ in range(3 * POOL_SIZE):
            assert who_am_i(nobody)["role"] == "anon"
        assert_replaced(before, laboratory)


def test_what_a_statement_sets_is_gone_when_it_ends(laboratory: Laboratory) -> None:
    """On success and on failure alike."""
    good = guarded("authenticated", "(select 'done')", address_parameter=2, read_only=True)
    bad = guarded("authenticated", "(select (1 / 0)::text)", address_parameter=2)
    with psycopg.connect(laboratory.database.user_url, autocommit=True) as session:
        for statement in (good, bad):
            with suppress(psycopg.errors.DivisionByZero):
                psycopg.RawCursor(session).execute(statement.encode(), ('{"sub":"ada"}', "{}"))
            row = session.execute(
                "select current_setting('request.jwt.claims', true), "
                "current_setting('request.headers', true), "
                "current_setting('transaction_read_only')"
            ).fetchone()
            assert row == ("", "", "off")


def test_claims_left_behind_in_a_session_are_nobodys(laboratory: Laboratory) -> None:
    ada, bob = laboratory.person("ada"), laboratory.person("bob")
    forged = json.dumps({"sub": "somebody else", "role": "authenticated"})
    for _ in range(2 * POOL_SIZE):
        ada.post("/leave_claims", json={"claims": forged})
    for who in (ada, bob) * POOL_SIZE:
        assert who_am_i(who)["sub"] == who.user_id
    for _ in range(2 * POOL_SIZE):
        laboratory.stranger().post("/leave_claims", json={"claims": forged})
        assert who_am_i(laboratory.stranger())["sub"] is None


@pytest.mark.parametrize("calls", [600, pytest.param(10_000, marks=pytest.mark.slow)])
def test_mixed_calls_never_meet_anothers_identity(calls: int, laboratory: Laboratory) -> None:
    """On two connections a role, with errors and calls that leave among them."""
    people = [laboratory.person(f"person{n}") for n in range(12)]
    nobody = laboratory.stranger()
    dice = random.Random(7)  # noqa: S311 - which calls, not secrets

    def one(n: int, kind: float, who: Person) -> str:
        if kind < 0.1:
            answer = who.post("/fail", json={"state": "PT409", "said": "x"})
            return f"failed {answer.status_code}"
        if kind < 0.15:
            return f"missing {who.post(f'/nowhere_{n}', json={}).status_code}"
        if kind < 0.18:
            leave_in_the_middle(laboratory, who, b'{"seconds": 0.4}')
            return "left"
        told = who.post("/who_am_i", json={})
        if told.status_code != 200:
            return f"status {told.status_code}"
        expected = "anon" if who.user_id is None else "authenticated"
        right = told.json()["sub"] == who.user_id and told.json()["role"] == expected
        return "right" if right else f"WRONG {told.text}"

    plan = [
        (n, dice.random(), nobody if dice.random() < 0.4 else dice.choice(people))
        for n in range(calls)
    ]
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda step: one(*step), plan))
    assert [outcome for outcome in outcomes if outcome.startswith("WRONG")] == []
    assert outcomes.count("right") > calls * 2 / 3
    assert outcomes.count("status 503") < calls / 30


def test_a_view_nobody_counts_fails_no_read(
    clone_database: Any, imagekit: Any, api: Any, ada: Person
) -> None:
    """Reading works where counting views does not."""
    database = clone_database()
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute("revoke execute on function public.record_view(uuid) from anon")
        owner.execute("insert into public.user_profiles (user_id) values ('ada')")
        owner.execute("select private.ensure_day((now() at time zone 'utc')::date)")
        row = owner.execute(
            "insert into public.videos (id, user_id, video_url, created_at) "
            "values (private.uuid_v7(now()), 'ada', 'https://cdn.example/x', now()) returning id"
        ).fetchone()
        assert row is not None
        with served(environment(database, imagekit, api.jwt_secret)) as url:
            for _ in range(5):
                assert httpx.get(f"{url}/api/videos/{row[0]}").status_code == 200
            refused = httpx.post(f"{url}/api/videos/{row[0]}/view")
    assert refused.status_code == 401


def test_only_what_is_written_for_a_stranger_carries_his_address(laboratory: Laboratory) -> None:
    headers = {"x-client-address": "203.0.113.66", "X-Client-Address": "203.0.113.67"}
    answer = laboratory.stranger().post("/writes_address", json={}, headers=headers)
    assert answer.json() == {"x-client-address": "127.0.0.1"}
    assert who_am_i(laboratory.stranger())["address"] is None
