"""The shapes and messages that apps rely on, to the letter."""

from __future__ import annotations

import re
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person

VIDEO_KEYS = {
    "id",
    "title",
    "description",
    "video_url",
    "thumbnail_url",
    "views_count",
    "likes_count",
    "comments_count",
    "created_at",
    "user_id",
    "users",
    "liked_by_me",
    "expires_at",
}
COMMENT_KEYS = {"id", "text", "created_at", "user_id", "user"}
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def succeeded(answer: httpx.Response, message: str, status: int = 200) -> Any:
    """Check the envelope and return its data."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    body = answer.json()
    assert set(body) - {"next_cursor"} == {"success", "data", "message"}
    assert body["success"] is True
    assert body["message"] == message
    return body["data"]


def failed(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """Check the envelope of a failure and return the error."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    body = answer.json()
    assert set(body) == {"success", "message", "error"}
    assert body["success"] is False
    assert body["message"]
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "details", "hint"}
    assert error["message"] == slug
    assert error["code"] == f"PT{status}"
    return error


def assert_video(video: dict[str, Any]) -> None:
    assert set(video) == VIDEO_KEYS
    assert set(video["users"]) == {"username", "avatar", "verified"}
    assert UTC_TIME.fullmatch(video["created_at"])
    assert UTC_TIME.fullmatch(video["expires_at"])


def test_health_is_exactly_what_it_was(nobody: Person) -> None:
    answer = nobody.get("/api/health")
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"status", "message", "timestamp"}
    assert body["status"] == "OK"
    assert body["message"] == "IG-Live Video Backend is running"
    assert UTC_TIME.fullmatch(body["timestamp"])


def test_the_feed_is_an_array_of_videos_newest_first(
    nobody: Person, ada: Person, make_video: MakeVideo
) -> None:
    older = make_video(ada, title="older")
    newer = make_video(ada, title="newer")
    answer = nobody.get("/api/videos/feed", params={"limit": 2})
    videos = succeeded(answer, "Video feed retrieved successfully")
    assert [video["id"] for video in videos] == [newer, older]
    for video in videos:
        assert_video(video)


def test_a_video_has_its_owners_card_and_exact_counts(
    nobody: Person, ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    username = str(ada.user_id).replace("-", "_")
    video_id = make_video(ada, title="Surf", username=username)
    bob.post(f"/api/videos/{video_id}/like")
    bob.post(f"/api/videos/{video_id}/comment", json={"text": "nice"})
    video = succeeded(nobody.get(f"/api/videos/{video_id}"), "Video retrieved successfully")
    assert_video(video)
    assert video["title"] == "Surf"
    assert video["user_id"] == ada.user_id
    assert video["users"]["username"] == username
    assert video["users"]["verified"] is False
    assert (video["likes_count"], video["comments_count"]) == (1, 1)
    assert video["liked_by_me"] is False
    assert bob.get(f"/api/videos/{video_id}").json()["data"]["liked_by_me"] is True


def test_a_person_without_a_username_is_unknown(
    nobody: Person, ada: Person, make_video: MakeVideo
) -> None:
    video = nobody.get(f"/api/videos/{make_video(ada)}").json()["data"]
    assert video["users"] == {"username": "Unknown", "avatar": None, "verified": False}


def test_liking_answers_the_state_and_the_count(
    bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/like"
    liked = succeeded(bob.post(path), "Video liked successfully")
    assert liked == {"liked": True, "likes_count": 1}
    unliked = succeeded(bob.post(path), "Video unliked successfully")
    assert unliked == {"liked": False, "likes_count": 0}


def test_a_comment_answers_itself_and_shows_up_in_the_list(
    bob: Person, nobody: Person, ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    written = bob.post(f"/api/videos/{video_id}/comment", json={"text": " What a wave! "})
    comment = succeeded(written, "Comment added successfully", 201)
    assert set(comment) == COMMENT_KEYS
    assert comment["text"] == "What a wave!"
    assert comment["user_id"] == bob.user_id
    assert comment["user"] == {"username": "Unknown", "avatar": None}
    assert UTC_TIME.fullmatch(comment["created_at"])

    listed = succeeded(
        nobody.get(f"/api/videos/{video_id}/comments"), "Comments retrieved successfully"
    )
    assert listed == {
        "comments": [comment],
        "pagination": {"page": 1, "limit": 10, "total": 1, "totalPages": 1},
    }


def test_a_video_without_comments_has_no_pages(
    nobody: Person, ada: Person, make_video: MakeVideo
) -> None:
    listed = nobody.get(f"/api/videos/{make_video(ada)}/comments?page=1&limit=10").json()["data"]
    assert listed == {
        "comments": [],
        "pagination": {"page": 1, "limit": 10, "total": 0, "totalPages": 0},
    }


def test_an_owner_deletes_and_may_say_so_twice(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}"
    failed(bob.delete(path), 404, "video_not_found")
    assert succeeded(ada.delete(path), "Video deleted successfully") is None
    assert succeeded(ada.delete(path), "Video deleted successfully") is None
    failed(bob.delete(path), 404, "video_not_found")
    failed(ada.get(path), 404, "video_not_found")


def test_an_owner_changes_his_texts_and_nobody_else_does(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada, title='Before')}"
    video = succeeded(
        ada.patch(path, json={"title": "After", "description": "Sunny"}),
        "Video updated successfully",
    )
    assert_video(video)
    assert (video["title"], video["description"]) == ("After", "Sunny")
    kept = ada.patch(path, json={"description": ""}).json()["data"]
    assert (kept["title"], kept["description"]) == ("After", None)
    failed(bob.patch(path, json={"title": "Mine"}), 404, "video_not_found")
    failed(ada.patch(path, json={"title": "x" * 201}), 400, "title_too_long")


def test_a_comment_is_removed_by_its_author_or_the_videos_owner(
    ada: Person, bob: Person, carol: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}"
    first, second = (
        bob.post(f"{path}/comment", json={"text": text}).json()["data"]["id"] for text in "12"
    )
    failed(carol.delete(f"{path}/comments/{first}"), 404, "comment_not_found")
    removed = bob.delete(f"{path}/comments/{first}")
    assert succeeded(removed, "Comment deleted successfully") is None
    succeeded(ada.delete(f"{path}/comments/{second}"), "Comment deleted successfully")
    assert ada.get(f"{path}/comments").json()["data"]["comments"] == []


def test_a_comment_of_another_video_is_not_found_under_this_one(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    here, there = make_video(ada), make_video(bob)
    comment = bob.post(f"/api/videos/{there}/comment", json={"text": "mine"}).json()["data"]["id"]
    failed(ada.delete(f"/api/videos/{here}/comments/{comment}"), 404, "comment_not_found")
    assert len(bob.get(f"/api/videos/{there}/comments").json()["data"]["comments"]) == 1


def test_a_view_says_whether_it_counted(ada: Person, bob: Person, make_video: MakeVideo) -> None:
    path = f"/api/videos/{make_video(ada)}/view"
    assert succeeded(bob.post(path), "View recorded successfully") == {"counted": True}
    assert succeeded(bob.post(path, json={}), "View recorded successfully") == {"counted": False}
    assert succeeded(ada.post(path), "View recorded successfully") == {"counted": False}


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("", "comment_empty"),
        (" \n\t ", "comment_empty"),
        ("x" * 1001, "comment_too_long"),
    ],
)
def test_a_comment_has_one_to_a_thousand_characters(
    text: str, slug: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    failed(bob.post(f"/api/videos/{video_id}/comment", json={"text": text}), 400, slug)


@pytest.mark.parametrize(
    ("method", "suffix"),
    [
        ("POST", ""),
        ("DELETE", "/{id}"),
        ("PATCH", "/{id}"),
        ("POST", "/{id}/like"),
        ("POST", "/{id}/comment"),
        ("DELETE", "/{id}/comments/{id}"),
    ],
)
def test_what_a_user_does_needs_a_user(
    method: str, suffix: str, nobody: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = "/api/videos" + suffix.replace("{id}", make_video(ada))
    answer = nobody.send(method, path, json={})
    failed(answer, 401, "sign_in_required")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/uploads"), ("GET", "/api/auth/imagekit")]
)
def test_only_a_user_gets_an_upload_signed(method: str, path: str, nobody: Person) -> None:
    answer = nobody.send(method, path)
    failed(answer, 401, "sign_in_required")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_answers_for_the_signed_in_are_never_stored(
    ada: Person, nobody: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    for path in ("/api/videos/feed", f"/api/videos/{video_id}", "/api/auth/imagekit"):
        answer = ada.get(path)
        assert answer.headers["cache-control"] == "no-store, private"
        assert "Authorization" in answer.headers["vary"]
    assert "cache-control" not in nobody.get("/api/videos/feed").headers


def test_no_text_of_the_database_ever_shows(
    bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    """A rule that only a constraint knows, broken on purpose."""
    video_id = make_video(ada)
    admin.execute(
        "alter table public.video_comments add constraint tell_nobody "
        "check (text <> 'forbidden word') not valid"
    )
    try:
        answer = bob.post(f"/api/videos/{video_id}/comment", json={"text": "forbidden word"})
    finally:
        admin.execute("alter table public.video_comments drop constraint tell_nobody")
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "code": "23514",
        "message": "value_refused",
        "details": "A value breaks a rule of the data.",
        "hint": None,
    }
