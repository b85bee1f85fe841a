"""Who is let in, and as whom."""

from __future__ import annotations

import time
from typing import Any

import httpx
import jwt
import pytest

from dev.stack.tokens import project_key, user_token
from tests.api.conftest import MakeVideo
from tests.api.forging import (
    DOORS,
    Project,
    signed,
)
from tests.api.people import Person
from tests.api.serving import served


@pytest.mark.parametrize("door", DOORS)
def test_service_keys_are_not_served(door: str, project: Project) -> None:
    good = project_key("service_role", project.secret)
    for key in (good, project.ec.token(role="service_role"), "sb_secret_of_ours"):
        for headers in ([("authorization", f"Bearer {key}")], [("apikey", key)]):
            answer = project.get(door, *headers)
            assert answer.status_code == 403, answer.text
            body = answer.json()
            assert body.get("error", body)["message"] == "service_role_not_served"
            assert key not in answer.text


def test_a_publishable_key_is_nobody(project: Project) -> None:
    key = "sb_publishable_of_ours"
    for headers in (
        [("apikey", key)],
        [("authorization", f"Bearer {key}")],
        [("apikey", key), ("authorization", f"Bearer {key}")],
    ):
        assert project.get("/api/videos/feed", *headers).status_code == 200
        assert project.get("/rest/v1/rpc/feed", *headers).status_code == 200
        assert project.get("/api/auth/imagekit", *headers).status_code == 401


def test_a_token_in_the_query_is_none(project: Project) -> None:
    token = project.ec.token()
    for name in ("access_token", "token", "apikey", "jwt"):
        assert project.get(f"/api/videos/feed?{name}={token}").status_code == 400
        assert project.get(f"/api/auth/imagekit?{name}={token}").status_code == 401


def test_the_subject_of_an_anonymous_token_is_nobodys(project: Project) -> None:
    token = project.ec.token("ada", role="anon")
    headers = {"authorization": f"Bearer {token}"}
    profile = project.http.post("/rest/v1/rpc/my_profile", headers=headers)
    assert profile.status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x y", "Basic YWRhOmFkYQ==", "token abc"])
def test_what_is_no_bearer_token_is_no_token(header: str, http: httpx.Client) -> None:
    assert http.get("/api/videos/feed", headers={"authorization": header}).status_code == 401


def test_two_tokens_are_one_too_many(http: httpx.Client, api: Any) -> None:
    bearer = f"Bearer {user_token('ada', api.jwt_secret)}"
    for name, value in (("authorization", bearer), ("apikey", project_key("anon", "x" * 32))):
        answer = http.get("/api/videos/feed", headers=[(name, value), (name, value)])
        assert answer.status_code == 401
    answer = http.get("/api/videos/feed", headers={"authorization": f"{bearer}, {bearer}"})
    assert answer.status_code == 401


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
        assert status("sb_secret_ours") == 403


@pytest.mark.parametrize("user_id", ["x" * 255, "auth0|5f7c", "Zoë ☂", "user@example.com", "-7"])
def test_ids_of_other_sign_in_services_are_users_too(
    user_id: str, http: httpx.Client, api: Any
) -> None:
    headers = {"authorization": f"Bearer {user_token(user_id, api.jwt_secret)}"}
    profile = http.post("/rest/v1/rpc/my_profile", headers=headers)
    assert profile.status_code == 200, profile.text
    assert profile.json()["user_id"] == user_id
