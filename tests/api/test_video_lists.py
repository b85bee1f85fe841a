"""What trends, one person's videos, and what one likes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx
import psycopg
import pytest

from tests.api.conftest import MakeVideo, insert_video, rank_anew
from tests.api.people import Person, person
from tests.api.test_contract import failed
from tests.api.test_paging import next_path


def read_to_the_end(reader: Person, path: str) -> list[str]:
    """Return the ids of all pages, following the links."""
    ids: list[str] = []
    step: str | None = path
    while step is not None:
        answer = reader.get(step)
        assert answer.status_code == 200, answer.text
        ids += [video["id"] for video in answer.json()["data"]]
        step = next_path(answer)
    return ids


def test_trending_goes_on_in_its_ranking_when_another_comes(
    ada: Person, bob: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    made = [make_video(ada) for _ in range(5)]
    admin.execute("update public.videos set likes_count = 1000000 where id = any(%s)", (made,))
    rank_anew(admin)
    first = bob.get("/api/videos/trending?limit=2")
    body = first.json()
    assert body["message"] == "Trending videos retrieved successfully"
    assert set(body["data"][0]) == set(bob.get(f"/api/videos/{made[0]}").json()["data"])
    link = next_path(first)
    assert link == f"/api/videos/trending?limit=2&before={body['next_cursor']}"

    newest = make_video(ada)
    admin.execute("update public.videos set likes_count = 9000000 where id = %s", (newest,))
    assert admin.execute("select private.refresh_trending()").fetchone() != (0,)
    assert bob.get("/api/videos/trending?limit=1").json()["data"][0]["id"] == newest

    ids = [video["id"] for video in body["data"]] + read_to_the_end(bob, link)
    assert set(ids[:5]) == set(made)
    assert len(ids) == len(set(ids))
    assert newest not in ids


@pytest.mark.parametrize(
    ("before", "status", "slug"),
    [
        ("", 400, "cursor_invalid"),
        ("nonsense", 400, "cursor_invalid"),
        ("019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f", 400, "cursor_invalid"),
        ("1.9999999999", 400, "cursor_invalid"),
        ("1.10", 410, "cursor_expired"),
        ("\0", 400, "text_invalid"),
    ],
)
def test_a_trending_cursor_is_good_or_refused(
    before: str, status: int, slug: str, nobody: Person
) -> None:
    failed(nobody.get("/api/videos/trending", params={"before": before}), status, slug)


def test_a_persons_videos_are_read_to_their_end(
    http: httpx.Client, nobody: Person, admin: psycopg.Connection[Any]
) -> None:
    # As some third parties name people, and like a part of our own paths.
    for n, name in enumerate(("auth0|a b+c%é>", "feed", "videos")):
        someone = Person(http, name, {})
        made = [insert_video(admin, someone, username=f"someone_{n}") for _ in range(5)]
        path = f"/api/users/{quote(name, safe='')}/videos?limit=2"
        answer = nobody.get(path)
        assert answer.json()["message"] == "User videos retrieved successfully"
        assert read_to_the_end(nobody, path) == made[::-1]


@pytest.mark.parametrize("name", ["unknown", "x" * 300])
def test_an_unknown_person_has_no_videos(name: str, nobody: Person) -> None:
    body = nobody.get(f"/api/users/{name}/videos").json()
    assert (body["data"], body["next_cursor"]) == ([], None)


def test_one_who_is_blocked_has_no_videos(ada: Person, bob: Person, make_video: MakeVideo) -> None:
    video_id = make_video(ada)
    path = f"/api/users/{ada.user_id}/videos?limit=50"
    assert video_id in read_to_the_end(bob, path)
    bob.rpc("block_user", user_id=ada.user_id)
    try:
        assert read_to_the_end(bob, path) == []
    finally:
        bob.rpc("unblock_user", user_id=ada.user_id)


def test_what_one_likes_is_read_to_its_end(
    http: httpx.Client, api: Any, ada: Person, make_video: MakeVideo
) -> None:
    zoe = person(http, "zoe", api.jwt_secret)
    made = [make_video(ada) for _ in range(5)]
    for video_id in made:
        zoe.post(f"/api/videos/{video_id}/like", json={"liked": True})
    first = zoe.get("/api/videos/liked", params={"limit": 2})
    assert first.json()["message"] == "Liked videos retrieved successfully"
    assert first.headers["cache-control"] == "no-store, private"
    # The last one of the page is not liked any more: its id is still where to go on.
    zoe.post(f"/api/videos/{made[3]}/like", json={"liked": False})
    assert read_to_the_end(zoe, next_path(first) or "") == made[2::-1]


def test_strangers_like_nothing(nobody: Person) -> None:
    failed(nobody.get("/api/videos/liked"), 401, "sign_in_required")


@pytest.mark.parametrize(
    "path", ["/api/videos/trending", "/api/videos/liked", "/api/users/x/videos"]
)
@pytest.mark.parametrize(
    ("query", "slug"),
    [
        ("limit=0", "page_size_invalid"),
        ("limit=x", "page_size_invalid"),
        ("before=a&before=b", "parameter_repeated"),
        ("page=1", "parameter_unknown"),
    ],
)
def test_a_bad_query_is_refused(path: str, query: str, slug: str, ada: Person) -> None:
    failed(ada.get(f"{path}?{query}"), 400, slug)


@pytest.mark.parametrize("path", ["/api/videos/liked", "/api/users/x/videos"])
def test_a_cursor_that_is_no_id_is_refused(path: str, ada: Person) -> None:
    failed(ada.get(f"{path}?before=1"), 400, "id_invalid")
