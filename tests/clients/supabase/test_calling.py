"""`.rpc()`: by POST, GET and HEAD, one row or many, chosen, filtered, counted and refused."""

from __future__ import annotations

import uuid

import pytest

from tests.clients.supabase.conftest import Person, Project
from tests.clients.supabase.videos import comment, publish

pytestmark = pytest.mark.slow

GET = {"get": True}
COUNTED = {"get": True, "count": "exact"}
HEAD = {"head": True, "count": "exact"}


@pytest.fixture
def videos(project: Project, ada: Person) -> list[str]:
    """Ada's, the newest first."""
    return [publish(project, ada, f"title {n}", age=f"{n} minutes") for n in (1, 2, 3)]


def test_a_page_comes_by_post_and_by_get(videos: list[str], ada: Person, nobody: Person) -> None:
    arguments = {"user_id": ada.user_id, "page_size": 2}
    for options in ({}, GET):
        said = nobody.call(("rpc", "user_videos", arguments, options))
        assert said.error is None
        assert [video["id"] for video in said.data] == videos[:2]


def test_rows_are_counted_with_and_without_them(
    videos: list[str], ada: Person, nobody: Person
) -> None:
    arguments = {"user_id": ada.user_id}
    said = nobody.call(("rpc", "user_videos", arguments, COUNTED))
    assert (said.count, len(said.data)) == (3, 3)
    said = nobody.call(("rpc", "user_videos", arguments, HEAD))
    assert (said.count, said.error) == (3, None)
    assert not said.data


def test_one_row_of_one(videos: list[str], ada: Person, nobody: Person) -> None:
    said = nobody.call(("rpc", "get_video", {"video_id": videos[0]}), ("single",))
    assert said.data["title"] == "title 1"
    assert nobody.call(("rpc", "get_video", {"video_id": videos[0]})).data["title"] == "title 1"
    missing = {"video_id": str(uuid.uuid4())}
    said = nobody.call(("rpc", "get_video", missing), ("single",))
    assert (said.code, said.message) == ("PT404", "video_not_found")


def test_one_row_of_a_set(videos: list[str], ada: Person, bob: Person) -> None:
    def page(user: str | None, size: int) -> tuple[str, str, dict[str, object]]:
        return ("rpc", "user_videos", {"user_id": user, "page_size": size})

    assert bob.call(page(ada.user_id, 1), ("single",)).data["id"] == videos[0]
    assert bob.call(page(ada.user_id, 2), ("single",)).code == "PGRST116"
    assert bob.call(page(ada.user_id, 1), ("maybeSingle",)).data["id"] == videos[0]
    none = bob.call(page(bob.user_id, 1), ("maybeSingle",))
    assert (none.data, none.error) == (None, None)


def test_what_a_set_shows_is_chosen(videos: list[str], ada: Person, nobody: Person) -> None:
    rpc = ("rpc", "user_videos", {"user_id": ada.user_id}, GET)
    chosen = nobody.call(rpc, ("select", "id, title"), ("neq", "title", "title 2"))
    assert chosen.data == [
        {"id": videos[0], "title": "title 1"},
        {"id": videos[2], "title": "title 3"},
    ]
    last = nobody.call(
        rpc, ("select", "title"), ("order", "title", {"ascending": False}), ("limit", 1)
    )
    assert last.data == [{"title": "title 3"}]
    second = nobody.call(rpc, ("select", "title"), ("order", "title"), ("range", 1, 1))
    assert second.data == [{"title": "title 2"}]


def test_a_call_writes_as_its_caller(
    project: Project, videos: list[str], ada: Person, bob: Person, nobody: Person
) -> None:
    liked = ("rpc", "like_video", {"video_id": videos[0], "liked": True})
    assert bob.call(liked).data["likes_count"] == 1
    refused = nobody.call(liked)
    assert (refused.code, refused.message) == ("42501", "permission_denied")
    comment(project, bob, videos[0], "hello")
    page = bob.call(("rpc", "video_comments_page", {"video_id": videos[0]}))
    assert [one["text"] for one in page.data] == ["hello"]
    by_get = bob.call(("rpc", "like_video", {"video_id": videos[1]}, GET))
    assert by_get.code == "25006"


def test_what_is_not_there_is_told(nobody: Person) -> None:
    assert nobody.call(("rpc", "nowhere", {"a": 1})).code == "PGRST202"
    assert nobody.call(("rpc", "feed", {"page_sise": 1})).code == "PGRST202"
    assert nobody.call(("rpc", "get_video", {"video_id": "x"})).code == "22P02"
