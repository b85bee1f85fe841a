"""A bad token is never silently anonymous, and every one gets the same answer."""

from __future__ import annotations

import json
import time

import pytest

from api import jws
from tests.api.forging import (
    DOORS,
    FORGED,
    UNFIT,
    Project,
    respelt,
    signed,
)


@pytest.fixture(scope="module")
def bad_tokens(project: Project) -> dict[str, str]:
    # Some are about to expire; none is good by then.
    return {name: forge(project) for name, forge in (FORGED | UNFIT).items()}


def test_a_token_has_one_spelling(project: Project) -> None:
    """Whatever the library thinks of another: what is remembered or logged is one thing."""
    token = signed(project.secret)
    assert jws.parse(token).text == token
    for other in (respelt(token), token + "=", token.replace(".", "=.", 1), f" {token}"):
        with pytest.raises(jws.NotATokenError):
            jws.parse(other)


def test_keys_and_secret_sign_people_in(project: Project) -> None:
    good = [project.ec.token(), project.rsa.token(), project.ed.token(), signed(project.secret)]
    assert [project.told(token).status_code for token in good] == [200] * 4


@pytest.mark.parametrize("door", DOORS)
def test_a_bad_token_is_refused_everywhere(
    door: str, bad_tokens: dict[str, str], project: Project
) -> None:
    wrong = {}
    for name, token in bad_tokens.items():
        answer = project.told(token, door)
        challenge = answer.headers.get("www-authenticate")
        # Headers of such a size are the server's own to refuse.
        expected = (431, None) if len(token) > 60_000 else (401, 'Bearer error="invalid_token"')
        if (answer.status_code, challenge) != expected:
            wrong[name] = answer.status_code
    assert wrong == {}


def test_every_bad_token_gets_the_same_answer(bad_tokens: dict[str, str], project: Project) -> None:
    small = [token for token in bad_tokens.values() if len(token) < 60_000]
    ours = {project.told(token).text for token in small}
    assert len(ours) == 1
    assert json.loads(ours.pop())["error"]["message"] == "invalid_token"
    forged = [bad_tokens[name] for name in FORGED if len(bad_tokens[name]) < 60_000]
    assert len({project.told(token, DOORS[2]).text for token in forged}) == 1


def test_no_header_makes_us_fetch_anything(bad_tokens: dict[str, str], project: Project) -> None:
    for token in bad_tokens.values():
        project.told(token)
    assert set(project.auth.asked) == {"/auth/v1/.well-known/jwks.json"}
    # At the start, and once for all the unknown names.
    assert len(project.auth.asked) <= 2


def test_how_long_a_refusal_takes_tells_nothing(
    bad_tokens: dict[str, str], project: Project
) -> None:
    """The slowest kind of refusal is within two milliseconds of the quickest."""
    names = ["alg none", "a stranger's key under a known name", "kid 'unknown'", "expired",
             "HS256 with another secret", "an RSA signature of zeros"]  # fmt: skip
    took: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(40):
        for name in names:
            began = time.perf_counter()
            project.told(bad_tokens[name])
            took[name].append(time.perf_counter() - began)
    quickest = [min(times) for times in took.values()]
    assert max(quickest) - min(quickest) < 0.002, took


def test_the_supabase_client_is_told_what_is_wrong_with_its_own_token(project: Project) -> None:
    def told(token: str) -> tuple[str, str]:
        body = project.told(token, DOORS[2]).json()
        assert set(body) == {"code", "message", "details", "hint"}
        return body["code"], body["message"]

    assert told(project.ec.token(exp=int(time.time()) - 1)) == ("PGRST303", "JWT expired")
    assert told(project.ec.token(aud="somebody")) == ("PGRST303", "JWT not in audience")
    assert told(project.ec.token(iss="somebody")) == ("PGRST303", "JWT from another issuer")
    assert told("garbage") == ("PGRST301", "JWT cryptographic operation failed")
