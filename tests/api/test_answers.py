"""What every answer carries, whoever gives it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person
from tests.api.serving import served

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}
ASKED: dict[str, Callable[[Person, str], httpx.Response]] = {
    "health": lambda p, _: p.get("/api/health"),
    "feed": lambda p, _: p.get("/api/videos/feed"),
    "one video": lambda p, v: p.get(f"/api/videos/{v}"),
    "comments": lambda p, v: p.get(f"/api/videos/{v}/comments"),
    "like": lambda p, v: p.post(f"/api/videos/{v}/like"),
    "an upload": lambda p, _: p.post("/api/uploads", json={}),
    "nothing": lambda p, _: p.get("/nothing"),
    "a wrong method": lambda p, _: p.send("PUT", "/api/health"),
    "a bad body": lambda p, v: p.post(f"/api/videos/{v}/comment", content=b"{"),
    "a function": lambda p, _: p.rpc("feed"),
    "a function that is not": lambda p, _: p.rpc("nowhere"),
    "one's profile": lambda p, _: p.rpc("my_profile"),
    "the document": lambda p, _: p.get("/api/openapi.json"),
    "the page": lambda p, _: p.get("/api/docs"),
    "a bad token": lambda p, _: p.get(
        "/api/videos/feed", headers={"authorization": "Bearer forged"}
    ),
    "two slashes": lambda p, _: p.get("/api//health"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_every_answer_says_what_browsers_may_not_do(
    ask: Callable[[Person, str], httpx.Response],
    ada: Person,
    nobody: Person,
    make_video: MakeVideo,
) -> None:
    video_id = make_video(ada)
    for who in (ada, nobody):
        answer = ask(who, video_id)
        found = {name: answer.headers.get(name) for name in SECURITY_HEADERS}
        assert found == SECURITY_HEADERS
        policies = answer.headers.get_list("content-security-policy")
        assert len(policies) == 1
        assert policies[0].startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policies[0]
        assert "script" not in policies[0]
        assert "strict-transport-security" not in answer.headers
        assert "authorization" in answer.headers["vary"].lower()
        personal = answer.status_code == 401 or (who is ada and "/rest/v1/" in str(answer.url))
        if personal:
            assert "no-store" in answer.headers["cache-control"]


def test_what_is_for_one_person_is_never_kept(ada: Person, make_video: MakeVideo) -> None:
    video_id = make_video(ada)
    answers = [
        ada.get("/api/videos/feed"),
        ada.get(f"/api/videos/{video_id}"),
        ada.get("/api/videos/nonsense"),
        ada.get("/api/videos/00000000-0000-7000-8000-000000000000"),
        ada.get("/api/auth/imagekit"),
        ada.post("/api/uploads", json={"bytes": -1}),
        ada.rpc("my_profile"),
        ada.rpc("nowhere"),
    ]
    kept = [a.url for a in answers if "no-store" not in a.headers.get("cache-control", "")]
    assert kept == []


def test_behind_tls_browsers_are_told_to_stay_there(api_environment: dict[str, str]) -> None:
    with served(api_environment | {"HSTS_SECONDS": "31536000"}) as url:
        told = httpx.get(f"{url}/api/health").headers["strict-transport-security"]
    assert told == "max-age=31536000; includeSubDomains"
