"""Who is let in, and as whom. A bad token is never silently anonymous."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest

from dev.stack.tokens import project_key, user_token
from tests.api.conftest import MakeVideo
from tests.api.people import Person
from tests.api.serving import served

Forge = Callable[[str], str]
DOORS = ("/api/videos/feed", "/api/auth/imagekit", "/rest/v1/rpc/feed")


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    standard = {
        "aud": "authenticated",
        "role": "authenticated",
        "sub": "ada",
        "iat": now,
        "exp": now + 600,
    }
    return {name: value for name, value in (standard | changed).items() if value is not None}


def signed(secret: str, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm=algorithm)


def unsigned(_: str) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims())}."


def without_signature(secret: str) -> str:
    return signed(secret).rpartition(".")[0] + "."


def tampered(secret: str) -> str:
    header, _, signature = signed(secret).split(".")
    payload = base64.urlsafe_b64encode(json.dumps(claims(sub="bob")).encode()).rstrip(b"=")
    return f"{header}.{payload.decode()}.{signature}"


BAD_TOKENS: dict[str, Forge] = {
    "expired": lambda secret: signed(secret, exp=int(time.time()) - 1),
    "signed with another secret": lambda _: signed("another-secret-of-more-than-32-bytes-0123"),
    "not signed": unsigned,
    "without its signature": without_signature,
    "tampered with": tampered,
    "HS512": lambda secret: signed(secret * 2, "HS512"),
    "without an audience": lambda secret: signed(secret, aud=None),
    "for another audience": lambda secret: signed(secret, aud="somebody"),
    "without an expiry": lambda secret: signed(secret, exp=None),
    "with an expiry that is no time": lambda secret: jwt.PyJWS().encode(
        json.dumps(claims() | {"exp": "soon"}).encode(), secret, "HS256"
    ),
    "not valid yet": lambda secret: signed(secret, nbf=int(time.time()) + 600),
    "without a role": lambda secret: signed(secret, role=None),
    "service_role": lambda secret: signed(secret, role="service_role"),
    "the service key": lambda secret: project_key("service_role", secret),
    "postgres": lambda secret: signed(secret, role="postgres"),
    "with an empty subject": lambda secret: signed(secret, sub=""),
    "with a blank subject": lambda secret: signed(secret, sub="   "),
    "with a subject of 256 characters": lambda secret: signed(secret, sub="x" * 256),
    "with an unprintable subject": lambda secret: signed(secret, sub="a\u0000b"),
    "with a subject that is a number": lambda secret: jwt.PyJWS().encode(
        json.dumps(claims() | {"sub": 7}).encode(), secret, "HS256"
    ),
    "a list": lambda secret: jwt.PyJWS().encode(b"[]", secret, "HS256"),
    "not JSON": lambda secret: jwt.PyJWS().encode(b"{", secret, "HS256"),
    "two parts": lambda secret: signed(secret).rpartition(".")[0],
    "garbage": lambda _: "garbage",
    "huge": lambda secret: signed(secret, more="x" * 100_000),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("forge", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_is_refused_everywhere(
    door: str, forge: Forge, http: httpx.Client, api: Any
) -> None:
    token = forge(api.jwt_secret)
    if len(token) > 60_000:
        # The server itself refuses headers of this size.
        token = token[:9000]
    answer = http.get(door, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_every_bad_token_gets_the_same_answer(http: httpx.Client, api: Any) -> None:
    bodies = {
        http.get(
            "/api/videos/feed", headers={"authorization": f"Bearer {forge(api.jwt_secret)[:9000]}"}
        ).text
        for forge in BAD_TOKENS.values()
    }
    assert len(bodies) == 1
    assert json.loads(bodies.pop())["error"]["message"] == "invalid_token"


def test_the_supabase_client_is_told_in_postgrests_words(http: httpx.Client, api: Any) -> None:
    def told(token: str) -> tuple[str, str]:
        body = http.get("/rest/v1/rpc/feed", headers={"authorization": f"Bearer {token}"}).json()
        assert set(body) == {"code", "message", "details", "hint"}
        return body["code"], body["message"]

    expired = signed(api.jwt_secret, exp=int(time.time()) - 1)
    assert told(expired) == ("PGRST303", "JWT expired")
    assert told("garbage") == ("PGRST301", "Expected 3 parts in JWT; got 1")
    assert told(unsigned("")) == ("PGRST301", "No suitable key or wrong key type")
    assert told(tampered(api.jwt_secret)) == ("PGRST301", "JWT cryptographic operation failed")
    other = signed(api.jwt_secret, aud="somebody")
    assert told(other) == ("PGRST303", "JWT not in audience")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x y", "Basic YWRhOmFkYQ==", "token abc"])
def test_what_is_no_bearer_token_is_no_token(header: str, http: httpx.Client) -> None:
    assert http.get("/api/videos/feed", headers={"authorization": header}).status_code == 401


def test_two_tokens_are_one_too_many(http: httpx.Client, api: Any) -> None:
    bearer = f"Bearer {user_token('ada', api.jwt_secret)}"
    headers = [("authorization", bearer), ("authorization", bearer)]
    assert http.get("/api/videos/feed", headers=headers).status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_is_a_user(scheme: str, http: httpx.Client, api: Any) -> None:
    token = user_token("ada", api.jwt_secret)
    answer = http.get("/api/auth/imagekit", headers={"authorization": f"{scheme} {token}"})
    assert answer.status_code in {200, 409, 429}, answer.text


def test_an_audience_may_be_one_of_several(http: httpx.Client, api: Any) -> None:
    token = signed(api.jwt_secret, aud=["other", "authenticated"])
    answer = http.get("/api/videos/feed", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_clock_that_is_ahead_a_little_does_not_lock_people_out(
    http: httpx.Client, api: Any
) -> None:
    token = signed(api.jwt_secret, iat=int(time.time()) + 20, nbf=int(time.time()) + 20)
    answer = http.get("/api/videos/feed", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_remembered_token_still_expires_to_the_second(http: httpx.Client, api: Any) -> None:
    expires = time.time() + 1.5
    token = signed(api.jwt_secret, exp=expires)
    headers = {"authorization": f"Bearer {token}"}
    assert http.get("/api/videos/feed", headers=headers).status_code == 200
    time.sleep(expires - time.time() + 0.05)
    assert http.get("/api/videos/feed", headers=headers).status_code == 401


def test_a_projects_anonymous_key_is_nobody(
    http: httpx.Client, api: Any, ada: Person, make_video: MakeVideo
) -> None:
    key = project_key("anon", api.jwt_secret)
    headers = {"authorization": f"Bearer {key}", "apikey": key}
    video_id = make_video(ada)
    assert http.get(f"/api/videos/{video_id}", headers=headers).status_code == 200
    assert http.post(f"/api/videos/{video_id}/like", headers=headers).status_code == 401
    liked = http.post("/rest/v1/rpc/like_video", headers=headers, json={"video_id": video_id})
    assert (liked.status_code, liked.json()["code"]) == (401, "42501")
    assert http.get("/rest/v1/rpc/feed", headers={"apikey": key}).status_code == 200


def test_an_expired_anonymous_key_is_refused(http: httpx.Client, api: Any) -> None:
    key = jwt.encode({"role": "anon", "exp": int(time.time()) - 5}, api.jwt_secret, "HS256")
    answer = http.get("/api/videos/feed", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 401


def test_the_service_key_alone_opens_nothing(http: httpx.Client, api: Any) -> None:
    key = project_key("service_role", api.jwt_secret)
    assert http.get("/rest/v1/rpc/feed", headers={"apikey": key}).status_code == 401


def test_a_user_may_be_signed_in_beside_the_anonymous_key(
    http: httpx.Client, api: Any, ada: Person
) -> None:
    key = project_key("anon", api.jwt_secret)
    profile = http.post("/rest/v1/rpc/my_profile", headers=ada.headers | {"apikey": key})
    assert profile.json()["user_id"] == ada.user_id


def test_the_opaque_key_from_the_settings_is_nobody_and_any_other_is_refused(
    api_environment: dict[str, str],
) -> None:
    with served(api_environment | {"SUPABASE_ANON_KEY": "sb_publishable_ours"}) as url:

        def status(key: str) -> int:
            headers = {"authorization": f"Bearer {key}", "apikey": key}
            return httpx.get(f"{url}/api/videos/feed", headers=headers).status_code

        assert status("sb_publishable_ours") == 200
        assert status("sb_publishable_theirs") == 401
        assert status("sb_secret_ours") == 401


def test_a_user_without_an_id_is_the_databases_to_judge_but_none_of_ours(
    http: httpx.Client, api: Any, ada: Person, make_video: MakeVideo
) -> None:
    headers = {"authorization": f"Bearer {signed(api.jwt_secret, sub=None)}"}
    ours = http.get("/api/videos/feed", headers=headers)
    assert (ours.status_code, ours.json()["error"]["message"]) == (401, "sign_in_required")
    assert http.post("/rest/v1/rpc/feed", headers=headers, json={}).status_code == 200
    liked = http.post(
        "/rest/v1/rpc/like_video", headers=headers, json={"video_id": make_video(ada)}
    )
    assert (liked.status_code, liked.json()["message"]) == (401, "sign_in_required")


@pytest.mark.parametrize("user_id", ["x" * 255, "auth0|5f7c", "Zoë ☂", "user@example.com", "-7"])
def test_ids_of_other_sign_in_services_are_users_too(
    user_id: str, http: httpx.Client, api: Any
) -> None:
    headers = {"authorization": f"Bearer {user_token(user_id, api.jwt_secret)}"}
    profile = http.post("/rest/v1/rpc/my_profile", headers=headers)
    assert profile.status_code == 200, profile.text
    assert profile.json()["user_id"] == user_id
