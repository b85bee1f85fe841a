"""Every SQLSTATE is a status, and only words that were meant for the caller reach him."""

from __future__ import annotations

import json

import pytest

from tests.api.laboratory import Laboratory
from tests.api.people import Person


@pytest.fixture
def nobody(laboratory: Laboratory) -> Person:
    return laboratory.stranger()


@pytest.fixture
def carol(laboratory: Laboratory) -> Person:
    return laboratory.person("carol")


@pytest.mark.parametrize(
    ("state", "anonymous", "signed_in"),
    [
        ("PT404", 404, 404),
        ("PT429", 429, 429),
        ("PT418", 418, 418),
        ("PTXYZ", 500, 500),
        ("PT999", 500, 500),
        ("P0001", 400, 400),
        ("P0002", 500, 500),
        ("22012", 400, 400),
        ("23503", 409, 409),
        ("23505", 409, 409),
        ("23514", 400, 400),
        ("42501", 401, 403),
        ("42883", 404, 404),
        ("42P01", 404, 404),
        ("25006", 405, 405),
        ("28000", 403, 403),
        ("40P01", 500, 500),
        ("53300", 503, 503),
        ("53400", 500, 500),
        ("54001", 500, 500),
        ("55P03", 500, 500),
        ("57014", 500, 500),
        ("57P01", 503, 503),
        ("58030", 500, 500),
        ("XX000", 500, 500),
        ("0A000", 400, 400),
        ("ZZ123", 400, 400),
        ("0L000", 403, 403),
        ("0P000", 403, 403),
        ("28P01", 403, 403),
        ("21000", 500, 500),
        ("42P17", 500, 500),
        ("42703", 400, 400),
        ("P0003", 500, 500),
        ("P0004", 500, 500),
        ("25001", 500, 500),
        ("08006", 503, 503),
        ("09000", 500, 500),
        ("2D000", 500, 500),
        ("38000", 500, 500),
        ("39000", 500, 500),
        ("3B000", 500, 500),
        ("F0000", 500, 500),
        ("HV000", 500, 500),
        ("22P02", 400, 400),
        ("22001", 400, 400),
        ("22003", 400, 400),
        ("22023", 400, 400),
        ("23502", 400, 400),
        ("23P01", 400, 400),
    ],
)
def test_an_sqlstate_is_a_status_and_only_our_own_words_pass(
    state: str, anonymous: int, signed_in: int, nobody: Person, carol: Person
) -> None:
    for who, status in ((nobody, anonymous), (carol, signed_in)):
        answer = who.post("/fail", json={"state": state, "said": "the words"})
        assert answer.status_code == status
        body = answer.json()
        assert set(body) == {"code", "message", "details", "hint"}
        assert body["code"] == state
        ours = state.startswith("PT") or state == "P0001"
        passed = (body["message"], body["details"], body["hint"])
        assert (passed == ("the words", "a detail", "a hint")) == ours
        assert ("retry-after" in answer.headers) == (status in {429, 503})


def test_an_error_may_say_the_whole_answer(nobody: Person) -> None:
    said = '{"code": "PT429", "message": "enough", "details": "A sentence.", "hint": null}'
    around = '{"status": 429, "headers": {"Retry-After": "7", "X-Why": "so"}}'
    answer = nobody.post("/answer_whole", json={"said": said, "around": around})
    assert answer.status_code == 429
    assert answer.json() == json.loads(said)
    assert (answer.headers["retry-after"], answer.headers["x-why"]) == ("7", "so")


@pytest.mark.parametrize(
    ("said", "around"),
    [
        ("no json", '{"status": 429, "headers": {}}'),
        ('{"code": "PT429"}', '{"status": 429, "headers": {}}'),
        ('{"code": "PT429", "message": "enough"}', None),
        ('{"code": "PT429", "message": "enough"}', '{"status": 429}'),
        ('{"code": "PT429", "message": "enough"}', '{"status": 42, "headers": {}}'),
        ('{"code": "PT429", "message": "enough"}', '{"status": 429, "headers": {"a": 1}}'),
        ('{"code": "a", "message": "b"}', '{"status": 429, "headers": {"a": "b\\r\\nc: d"}}'),
        ('{"code": "a", "message": "b"}', '{"status": 429, "headers": {"a b": "c"}}'),
    ],
)
def test_an_error_that_says_it_badly_is_our_own_fault(
    said: str, around: str | None, nobody: Person
) -> None:
    answer = nobody.post("/answer_whole", json={"said": said, "around": around})
    assert answer.status_code == 500
    body = answer.json()
    assert body["code"] == "PGRST121"
    assert body["message"] == """Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error"""
    assert ("MESSAGE" if "message" not in said else "DETAIL") in body["details"]
    assert "must be a JSON object with obligatory keys" in body["hint"]


@pytest.mark.parametrize(
    ("state", "said", "status"),
    [
        ("21000", "DELETE requires a WHERE clause", 400),
        ("22023", 'role "nobody" does not exist', 401),
        ("22023", 'role "nobody" is tired', 400),
    ],
)
def test_of_some_states_the_message_decides(
    state: str, said: str, status: int, nobody: Person
) -> None:
    answer = nobody.post("/fail", json={"state": state, "said": said})
    assert answer.status_code == status
    assert said not in answer.text
    assert ("www-authenticate" in answer.headers) == (status == 401)
