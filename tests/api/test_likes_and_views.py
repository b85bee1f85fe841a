"""Likes that can be repeated, views that are counted once, and neither ever waits."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.api.conftest import MakeVideo
from tests.api.people import Person
from tests.api.serving import served


def video_of(person: Person, video_id: str) -> dict[str, int]:
    """Read without counting a view."""
    video: dict[str, int] = person.rpc("get_video", video_id=video_id).json()
    return video


def views_after(person: Person, video_id: str, expected: int) -> int:
    """Wait for a view that is counted in the background."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        views = video_of(person, video_id)["views_count"]
        if views >= expected:
            return views
        time.sleep(0.02)
    return video_of(person, video_id)["views_count"]


def test_a_like_that_is_set_may_be_repeated(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/like"
    for _ in range(3):
        answer = bob.post(path, json={"liked": True}).json()
        assert answer["data"] == {"liked": True, "likes_count": 1}
        assert answer["message"] == "Video liked successfully"
    for _ in range(3):
        answer = bob.post(path, json={"liked": False}).json()
        assert answer["data"] == {"liked": False, "likes_count": 0}
        assert answer["message"] == "Video unliked successfully"


def test_a_like_without_a_body_is_turned_round(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/like"
    states = [bob.post(path).json()["data"]["liked"] for _ in range(3)]
    states += [bob.post(path, json={}).json()["data"]["liked"]]
    assert states == [True, False, True, False]


def test_one_person_likes_once_however_often_at_once(
    ada: Person, bob: Person, carol: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    path = f"/api/videos/{video_id}/like"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: bob.post(path, json={"liked": True}), range(16)))
    assert carol.post(path, json={"liked": True}).json()["data"]["likes_count"] == 2


def test_reading_a_video_counts_a_view_afterwards_and_once(
    ada: Person, bob: Person, carol: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    first = bob.get(f"/api/videos/{video_id}").json()["data"]
    assert first["views_count"] == 0
    assert views_after(ada, video_id, 1) == 1
    bob.get(f"/api/videos/{video_id}")
    carol.get(f"/api/videos/{video_id}")
    assert views_after(ada, video_id, 2) == 2
    time.sleep(0.1)
    assert video_of(ada, video_id)["views_count"] == 2


def test_an_owner_does_not_watch_his_own(ada: Person, bob: Person, make_video: MakeVideo) -> None:
    video_id = make_video(ada)
    ada.get(f"/api/videos/{video_id}")
    assert ada.post(f"/api/videos/{video_id}/view").json()["data"] == {"counted": False}
    bob.get(f"/api/videos/{video_id}")
    assert views_after(ada, video_id, 1) == 1


def test_the_feed_counts_no_view(ada: Person, bob: Person, make_video: MakeVideo) -> None:
    video_id = make_video(ada)
    bob.get("/api/videos/feed?limit=50")
    bob.get(f"/api/videos/{video_id}/comments")
    bob.rpc("get_video", video_id=video_id)
    time.sleep(0.2)
    assert video_of(ada, video_id)["views_count"] == 0


def test_strangers_are_told_apart_by_the_address_a_trusted_proxy_reports(
    api_environment: dict[str, str], ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    with served(api_environment | {"TRUSTED_PROXIES": "127.0.0.0/8"}) as url:

        def counted(**headers: str) -> bool:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            answer = httpx.post(f"{url}/api/videos/{video_id}/view", headers=named)
            return bool(answer.json()["data"]["counted"])

        assert counted(x_forwarded_for="203.0.113.7")
        assert not counted(x_forwarded_for="203.0.113.7")
        assert counted(x_forwarded_for="203.0.113.8")
        # What stands further left was written by whoever stands further right.
        assert not counted(x_forwarded_for="198.51.100.1, 203.0.113.8")
        assert not counted(x_forwarded_for="203.0.113.8", x_client_address="203.0.113.9")
        rpc = httpx.post(
            f"{url}/rest/v1/rpc/record_view",
            json={"video_id": video_id},
            headers={"x-forwarded-for": "203.0.113.10"},
        )
        assert rpc.json() is True
        assert not counted(x_forwarded_for="203.0.113.10")


def test_without_a_trusted_proxy_nobody_chooses_his_address(
    nobody: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/view"
    counted = [
        nobody.post(
            path, headers={"x-forwarded-for": f"203.0.113.{n}", "x-client-address": f"192.0.2.{n}"}
        ).json()["data"]["counted"]
        for n in range(1, 4)
    ]
    assert counted == [True, False, False]
