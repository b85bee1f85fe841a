"""The published keys: fetched sparingly, believed for a while, forgotten when they are gone."""

from __future__ import annotations

import asyncio
import base64
import json
import math
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest

from api import keys as api_keys
from api.identity import REMEMBERED_S, BadTokenError, Identities
from api.keys import Keys, KeySet, KeysUnavailableError, UnusableKeyError, public_key
from dev.stack.tokens import ISSUER
from tests.api.serving import served
from tests.support.auth_server import (
    AuthServer,
    SigningKey,
    claims,
    eddsa,
    es256,
    rs256,
    running_auth_server,
)

KINDS = {"ES256": es256, "RS256": rs256, "EdDSA": eddsa}


@pytest.fixture
def auth() -> Iterator[AuthServer]:
    with running_auth_server() as server:
        yield server


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Verifier:
    """What the API verifies tokens with, on this auth server and a clock of the test's own."""

    def __init__(self, auth: AuthServer) -> None:
        self.clock = Clock()
        self.published = KeySet(auth.jwks_url, self.clock)
        self.identities = Identities(Keys(None, self.published), [ISSUER])

    async def outcome(self, token: str) -> str:
        headers = [(b"authorization", b"Bearer " + token.encode())]
        try:
            identity = await self.identities.of(headers)
        except (BadTokenError, KeysUnavailableError) as error:
            return type(error).__name__
        return str(identity.subject)


def run(auth: AuthServer, story: Callable[[Verifier], Awaitable[None]]) -> None:
    async def told() -> None:
        verifier = Verifier(auth)
        try:
            await story(verifier)
        finally:
            await verifier.published.close()

    asyncio.run(told())


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_published_key_signs_people_in(kind: str, auth: AuthServer) -> None:
    key = KINDS[kind]()
    auth.publish(key)

    async def story(verifier: Verifier) -> None:
        assert await verifier.outcome(key.token("ada")) == "ada"
        other = SigningKey(key.kid, key.algorithm, KINDS[kind]().private)
        assert await verifier.outcome(other.token("ada")) == "BadTokenError"

    run(auth, story)


def test_a_new_key_is_found_and_a_lost_one_refused_without_a_restart(auth: AuthServer) -> None:
    old, new = es256("old"), eddsa("new")
    auth.publish(old)

    async def story(verifier: Verifier) -> None:
        token = old.token("ada")
        assert await verifier.outcome(token) == "ada"
        auth.publish(old, new)
        assert await verifier.outcome(new.token("bob")) == "bob"
        assert await verifier.outcome(token) == "ada"
        auth.publish(new)
        verifier.clock.now += api_keys.ASK_FIRST_AFTER_S + 1
        # Remembered as it is: a set that has changed makes everything be looked at again.
        assert await verifier.outcome(new.token("carol")) == "carol"
        assert await verifier.outcome(token) == "BadTokenError"

    run(auth, story)


def test_ten_minutes_are_the_longest_a_lost_key_is_believed() -> None:
    assert api_keys.ASK_FIRST_AFTER_S + REMEMBERED_S <= 600


def test_a_flood_of_unknown_keys_causes_one_look_a_minute(auth: AuthServer) -> None:
    known = es256("known")
    auth.publish(known)
    auth.delay_s = 0.1

    async def story(verifier: Verifier) -> None:
        assert await verifier.outcome(known.token()) == "ada"
        assert len(auth.asked) == 1
        forged = [SigningKey(f"k{n}", "ES256", known.private).token() for n in range(300)]
        outcomes = await asyncio.gather(*map(verifier.outcome, forged))
        assert set(outcomes) == {"BadTokenError"}
        assert len(auth.asked) == 2
        verifier.clock.now += api_keys.UNKNOWN_KEY_EVERY_S - 1
        await verifier.outcome(forged[0])
        assert len(auth.asked) == 2
        verifier.clock.now += 2
        await verifier.outcome(forged[0])
        assert len(auth.asked) == 3

    run(auth, story)


def test_many_who_come_at_once_wait_for_one_answer(auth: AuthServer) -> None:
    key = es256()
    auth.publish(key)
    auth.delay_s = 0.2

    async def story(verifier: Verifier) -> None:
        outcomes = await asyncio.gather(*(verifier.outcome(key.token(f"p{n}")) for n in range(50)))
        assert outcomes == [f"p{n}" for n in range(50)]
        assert len(auth.asked) == 1

    run(auth, story)


def test_one_who_leaves_does_not_take_the_answer_from_the_others(auth: AuthServer) -> None:
    key = es256()
    auth.publish(key)
    auth.delay_s = 0.3

    async def story(verifier: Verifier) -> None:
        leaving = asyncio.create_task(verifier.outcome(key.token("ada")))
        staying = asyncio.create_task(verifier.outcome(key.token("bob")))
        await asyncio.sleep(0.1)
        leaving.cancel()
        assert await staying == "bob"
        assert len(auth.asked) == 1

    run(auth, story)


def test_a_set_in_use_is_asked_for_again_while_it_goes_on(auth: AuthServer) -> None:
    key = es256()
    auth.publish(key)

    async def story(verifier: Verifier) -> None:
        assert await verifier.outcome(key.token("ada")) == "ada"
        verifier.clock.now += api_keys.REFRESH_AFTER_S + 1
        auth.delay_s = 0.2
        assert await asyncio.wait_for(verifier.outcome(key.token("bob")), 0.15) == "bob"
        await asyncio.sleep(0.4)
        assert len(auth.asked) == 2

    run(auth, story)


BROKEN: dict[str, Callable[[AuthServer], None]] = {
    "refuses": lambda auth: setattr(auth, "status", 500),
    "redirects": lambda auth: setattr(auth, "status", 302),
    "stalls": lambda auth: setattr(auth, "delay_s", 1.0),
    "answers something else": lambda auth: setattr(auth, "body", b"<html>"),
    "answers a list": lambda auth: setattr(auth, "body", b"[]"),
    "answers too much": lambda auth: setattr(auth, "body", b" " * 70_000 + b'{"keys":[]}'),
    "answers too many": lambda auth: setattr(auth, "published", [{"kid": "x"}] * 21),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN.keys())
def test_while_the_set_cannot_be_had_known_keys_go_on_for_an_hour_and_no_longer(
    broken: Callable[[AuthServer], None], auth: AuthServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "FETCH_TIMEOUT_S", 0.3)
    key = es256()
    auth.publish(key)

    async def story(verifier: Verifier) -> None:
        assert await verifier.outcome(key.token("ada")) == "ada"
        published = auth.published
        broken(auth)
        verifier.clock.now += api_keys.BELIEVED_WITHOUT_WORD_S - 1
        assert await verifier.outcome(key.token("bob")) == "bob"
        verifier.clock.now += 2
        for n in range(5):
            assert await verifier.outcome(key.token(f"p{n}")) == "KeysUnavailableError"
        # Asked again, but not by everybody.
        assert len(auth.asked) == 2
        auth.status, auth.delay_s, auth.body, auth.published = 200, 0.0, None, published
        verifier.clock.now += api_keys.RETRY_EVERY_S
        assert await verifier.outcome(key.token("carol")) == "carol"

    run(auth, story)


def test_an_empty_set_is_an_answer(auth: AuthServer) -> None:
    async def story(verifier: Verifier) -> None:
        assert await verifier.outcome(es256().token()) == "BadTokenError"

    run(auth, story)


def test_a_set_that_holds_no_public_key_of_ours_is_not_used() -> None:
    def refused(jwk: dict[str, Any]) -> bool:
        try:
            public_key(jwk)
        except UnusableKeyError:
            return True
        return False

    ec, rsa, ed = es256(), rs256(), eddsa()
    assert not refused(ec.jwk())
    assert not refused(ec.jwk(alg=None, use=None, key_ops=None))
    assert not refused(ed.jwk(alg="Ed25519"))
    assert refused(ec.jwk(alg="RS256"))
    assert refused(ec.jwk(alg="HS256"))
    assert refused(ec.jwk(crv="P-384"))
    assert refused(ec.jwk(crv="secp256k1"))
    assert refused(ec.jwk(use="enc"))
    assert refused(ec.jwk(key_ops=["sign"]))
    assert refused(ec.jwk(x=base64.urlsafe_b64encode(b"\1" * 32).decode()))
    assert refused(ec.jwk(y=None))
    assert refused(rsa.jwk(alg="PS256"))
    assert refused(rsa.jwk(alg="HS256"))
    assert refused(rs256(bits=1024).jwk())
    assert refused(ed.jwk(crv="X25519"))
    assert refused({"kty": "oct", "kid": "k", "alg": "HS256", "k": "c2VjcmV0" * 8})
    assert refused({})


def test_a_key_that_shares_its_name_or_has_none_is_not_used(auth: AuthServer) -> None:
    first, second = es256("same"), es256("same")
    auth.published = [first.jwk(), second.jwk(), es256("x").jwk(kid=None), 7]  # type: ignore[list-item]

    async def story(verifier: Verifier) -> None:
        assert await verifier.outcome(first.token("ada")) == "ada"
        assert await verifier.outcome(second.token("ada")) == "BadTokenError"

    run(auth, story)


def test_what_is_remembered_has_an_end(auth: AuthServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.identity.MAX_REMEMBERED", 10)
    key = es256()
    auth.publish(key)

    async def story(verifier: Verifier) -> None:
        for n in range(25):
            assert await verifier.outcome(key.token(f"p{n}")) == f"p{n}"
        assert len(verifier.identities._remembered) == 10  # noqa: SLF001 - memory is its promise

    run(auth, story)


def feed_status(url: str, token: str) -> int:
    headers = {"authorization": f"Bearer {token}"}
    return httpx.get(f"{url}/api/videos/feed", headers=headers).status_code


def test_without_a_secret_the_projects_published_keys_are_used(
    api_environment: dict[str, str], auth: AuthServer, api: Any
) -> None:
    """A project's address is all that is needed; its name on the tokens follows from it."""
    key = es256()
    auth.publish(key)
    given = api_environment | {"SUPABASE_URL": auth.url}
    del given["SUPABASE_JWT_SECRET"], given["SUPABASE_JWT_ISSUER"]
    issuer = f"{auth.url}/auth/v1"
    with served(given) as url:
        assert auth.asked == ["/auth/v1/.well-known/jwks.json"]
        assert feed_status(url, key.token("ada", iss=issuer)) == 200
        assert feed_status(url, key.token("ada", iss=ISSUER)) == 401
        assert feed_status(url, api.token("ada", iss=issuer)) == 401


def test_while_a_project_changes_over_secret_and_keys_are_both_good(
    api_environment: dict[str, str], auth: AuthServer, api: Any
) -> None:
    """The drill of SECURITY.md, with a request at every step: none fails that should not."""
    old, new = es256("old"), es256("new")
    with served(api_environment | {"SUPABASE_JWKS_URL": auth.jwks_url}) as url:
        assert feed_status(url, api.token("ada")) == 200
        auth.publish(old)
        assert feed_status(url, old.token("ada")) == 200
        assert feed_status(url, api.token("ada")) == 200
    with served(
        {**api_environment, "SUPABASE_JWKS_URL": auth.jwks_url, "SUPABASE_JWT_SECRET": ""}
    ) as url:
        assert feed_status(url, api.token("ada")) == 401
        auth.publish(old, new)
        assert feed_status(url, old.token("ada")) == 200
        assert feed_status(url, new.token("ada")) == 200


def test_without_keys_nobody_is_called_a_forger(
    api_environment: dict[str, str], auth: AuthServer
) -> None:
    auth.status = 500
    with served(
        {**api_environment, "SUPABASE_JWKS_URL": auth.jwks_url, "SUPABASE_JWT_SECRET": ""}
    ) as url:
        headers = {"authorization": f"Bearer {es256().token()}"}
        answer = httpx.get(f"{url}/api/videos/feed", headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
        assert answer.json()["error"]["message"] == "keys_unavailable"
        called = httpx.post(f"{url}/rest/v1/rpc/feed", headers=headers, json={})
        assert (called.status_code, called.headers["retry-after"]) == (503, "10")
        assert set(called.json()) == {"code", "message", "details", "hint"}
        assert feed_status(url, "garbage") == 401
        assert httpx.get(f"{url}/api/videos/feed").status_code == 200


def test_times_no_clock_shows_are_refused(auth: AuthServer) -> None:
    key = es256()
    auth.publish(key)

    async def story(verifier: Verifier) -> None:
        values: tuple[Any, ...] = (10**400, -1, True, "soon", [], math.pi * 1e300)
        for value in values:
            token = json.dumps(claims(exp=0)).replace('"exp": 0', f'"exp": {json.dumps(value)}')
            assert await verifier.outcome(key.sign(token.encode())) == "BadTokenError", value

    run(auth, story)
