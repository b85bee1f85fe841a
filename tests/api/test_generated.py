"""Requests made from our own OpenAPI document, thousands of them, right ones and wrong ones.

Whatever comes: no 5xx, no status and no shape that the document does not name, and never an
answer to somebody who did not say who he is where the document wants to know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import psycopg
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import DOCUMENTED
from api.openapi import document
from tests.api.people import Person, person

FEW, MANY, MANY_CALLS = 8, 340, 3000
IN_ALL = 10_000
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def sound(found: Any) -> Any:
    """Return an operation; one that is not sound OpenAPI raises."""
    return found.ok()


SCHEMA = schemathesis.openapi.from_dict(document(DOCUMENTED))
OPERATIONS = {
    f"{operation.method.upper()} {operation.path}": operation
    for operation in map(sound, SCHEMA.get_all_operations())
}
# The second makes texts that fit no schema; the first, such as the database must judge.
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
DATABASES_WORDS = re.compile(
    r"violates|constraint|relation|column|syntax error|Failing row|pg_catalog|plpgsql|SELECT|"
    r"_pkey|_fkey|_key\b|_check\b|Traceback|psycopg"
)
NOTHING_TO_GET_WRONG = (
    "GET /api/health",
    "GET /api/health/ready",
    "POST /api/webhooks/imagekit",
    "GET /rest/v1/rpc/{function}",
)
# No job runs here, which after five minutes is a reason for 503, as documented.
ALLOWED = {("GET /api/health/ready", not_a_server_error)}
# A user may have ten uploads open: nobody here does more than that.
REQUESTS_A_PERSON = 8


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


class Crowd:
    """Somebody new every few requests, so that nobody meets a limit."""

    def __init__(self, http: httpx.Client, secret: str) -> None:
        self._http, self._secret = http, secret
        self._asked = 0
        self._now: Person = person(http, "crowd", secret)

    def headers(self) -> dict[str, str]:
        self._asked += 1
        if self._asked % REQUESTS_A_PERSON == 0:
            self._now = person(self._http, "crowd", self._secret)
        return self._now.headers


@pytest.fixture(scope="module")
def crowd(http: httpx.Client, api: Any) -> Crowd:
    return Crowd(http, api.jwt_secret)


def chosen(examples: int) -> settings:
    few = examples < MANY // 2
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        # The same requests every time where time is short; others every night.
        derandomize=few,
        suppress_health_check=list(HealthCheck),
    )


def ask(name: str, examples: int, api: Any, session: requests.Session, crowd: Crowd) -> None:
    operation = OPERATIONS[name]
    needs_user = {} not in operation.definition.raw["security"]
    checks = [check for check in CHECKS if (name, check) not in ALLOWED]
    for mode in MODES:
        if mode is GenerationMode.NEGATIVE and name in NOTHING_TO_GET_WRONG:
            continue

        @chosen(examples)
        @given(case=operation.as_strategy(generation_mode=mode))
        def answered(case: Case[Any]) -> None:
            case.headers.pop("Authorization", None)
            signed_in = case.call(
                base_url=api.url, session=session, headers=crowd.headers(), timeout=60
            )
            case.validate_response(signed_in, checks=checks)
            nobody = case.call(base_url=api.url, session=session, timeout=60)
            case.validate_response(nobody, checks=checks)
            forged = {"authorization": "Bearer forged"}
            refused = case.call(base_url=api.url, session=session, headers=forged, timeout=60)
            case.validate_response(refused, checks=checks)
            for answer in (signed_in, nobody, refused):
                # Not what the caller said himself: of a function that is not there the
                # answer names the arguments.
                said = DATABASES_WORDS.search(answer.text)
                assert not said or said.group() in str(case.body), answer.text
            if needs_user:
                assert nobody.status_code >= 400
                assert refused.status_code >= 400

        answered()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_few_generated_requests(
    name: str, api: Any, session: requests.Session, crowd: Crowd
) -> None:
    ask(name, FEW // 2, api, session, crowd)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_thousands_of_generated_requests(
    name: str, api: Any, session: requests.Session, crowd: Crowd
) -> None:
    ask(name, MANY // 2, api, session, crowd)


def test_thousands_are_ten() -> None:
    """Of different requests; each is sent by a user, by nobody and by a forger."""
    kinds = len(MODES) * len(OPERATIONS) - len(set(NOTHING_TO_GET_WRONG) & set(OPERATIONS))
    assert kinds * (MANY // 2) + MANY_CALLS >= IN_ALL


Signature = tuple[str, list[str]]


@pytest.fixture(scope="module")
def functions(database: Any) -> list[Signature]:
    """What the database offers to call, and the names of the arguments."""
    with psycopg.connect(database.owner_url) as owner:
        rows = owner.execute(
            "select proname, coalesce(proargnames[1:pronargs], '{}') from pg_proc "
            "where pronamespace = 'public'::regnamespace and prokind = 'f' order by 1"
        ).fetchall()
    return [(str(name), list(names)) for name, names in rows]


TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(min_codepoint=0, max_codepoint=0x2FF), max_size=20),
    st.sampled_from(
        ["", " ", "\u200b", "\u202egpj",
         "\n\n", "\x00", "'; drop table videos; --", "$$", "%s", "%n",
         "e\u0301" * 600, "Z\u0351" * 1000, "infinity", "-infinity", "NaN", "epoch", "null",
         "00000000-0000-7000-8000-000000000000", "{00000000-0000-7000-8000-000000000000}",
         "ffffffff-ffff-ffff-ffff-ffffffffffff", "x" * 5000, "\ud83d\ude00" * 1001]
    ),
)  # fmt: skip
VALUES = st.one_of(
    TEXTS,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([2**31, -(2**31) - 1, 2**63, 10**40, -1, 0, 1e300, [], {}, [[1]], {"a": {}}]),
)


def call_functions(
    examples: int, api: Any, http: httpx.Client, crowd: Crowd, functions: list[Signature]
) -> None:
    statuses = {int(status) for status in OPERATIONS["POST /rest/v1/rpc/{function}"].definition.raw[
        "responses"
    ]}  # fmt: skip

    @chosen(examples)
    @given(st.data())
    def answered(data: st.DataObject) -> None:
        name, names = data.draw(st.sampled_from(functions))
        known = st.lists(st.sampled_from(names), unique=True) if names else st.just([])
        arguments = {argument: data.draw(VALUES) for argument in data.draw(known)}
        if data.draw(st.integers(0, 9)) == 0:
            arguments[data.draw(TEXTS)] = data.draw(VALUES)
        path = f"/rest/v1/rpc/{name}"
        headers = crowd.headers() if data.draw(st.booleans()) else {}
        if data.draw(st.booleans()):
            content = json.dumps(arguments, ensure_ascii=data.draw(st.booleans()))
            answer = http.post(
                path,
                content=content.encode("utf-8", "surrogatepass"),
                headers={**headers, "content-type": "application/json"},
            )
        else:
            query = [(key, str(value)) for key, value in arguments.items()]
            answer = http.get(f"{path}?{urlencode(query, errors='replace')}", headers=headers)
        assert answer.status_code < 500, answer.text
        assert answer.status_code in statuses, answer.text
        if answer.status_code >= 300:
            assert set(answer.json()) == {"code", "message", "details", "hint"}
            if not answer.json()["code"].startswith("PGRST"):
                assert not DATABASES_WORDS.search(answer.text), answer.text

    answered()


def test_a_few_generated_calls_of_functions(
    api: Any, http: httpx.Client, crowd: Crowd, functions: list[Signature]
) -> None:
    call_functions(100, api, http, crowd, functions)


@pytest.mark.slow
def test_thousands_of_generated_calls_of_functions(
    api: Any, http: httpx.Client, crowd: Crowd, functions: list[Signature]
) -> None:
    call_functions(MANY_CALLS, api, http, crowd, functions)
