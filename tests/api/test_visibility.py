"""Who sees what, to the second, through both dialects."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person


def statuses(person: Person, video_id: str) -> set[int]:
    """Try everything one can do with a video; gives every status that came back."""
    path = f"/api/videos/{video_id}"
    signed_in = person.user_id is not None
    answers = [
        person.get(path),
        person.get(f"{path}/comments"),
        person.post(f"{path}/view"),
        person.rpc("get_video", video_id=video_id),
        person.rpc("video_comments_page", video_id=video_id),
        person.rpc("record_view", video_id=video_id),
    ]
    if signed_in:
        answers += [
            person.post(f"{path}/like", json={"liked": True}),
            person.post(f"{path}/comment", json={"text": "hello"}),
            person.rpc("like_video", video_id=video_id, liked=True),
            person.rpc("report_video", video_id=video_id, reason="spam"),
        ]
    return {
        answer.status_code // 100 if answer.is_success else answer.status_code for answer in answers
    }


def in_feed(person: Person, video_id: str) -> bool:
    ours = person.get("/api/videos/feed", params={"limit": 50}).json()["data"]
    theirs = person.rpc("feed", page_size=50).json()
    assert [video["id"] for video in ours] == [video["id"] for video in theirs]
    return video_id in {video["id"] for video in ours}


VISIBLE, NOT_FOUND = {2}, {404}


def test_a_new_video_is_everybodys(
    ada: Person, bob: Person, nobody: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    for person in (ada, bob, nobody):
        assert statuses(person, video_id) == VISIBLE
        assert in_feed(person, video_id)


def test_an_unknown_video_is_nobodys(bob: Person, nobody: Person) -> None:
    unknown = "00000000-0000-7000-8000-000000000000"
    assert statuses(bob, unknown) == NOT_FOUND
    assert statuses(nobody, unknown) == NOT_FOUND


def test_a_hidden_video_looks_like_an_unknown_one(
    bob: Person, nobody: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    admin.execute("select ops.hide_video(%s, 'a test')", (video_id,))
    for person in (bob, nobody):
        assert statuses(person, video_id) == NOT_FOUND
        assert not in_feed(person, video_id)
    unknown = "00000000-0000-7000-8000-000000000000"
    assert bob.get(f"/api/videos/{video_id}").json() == bob.get(f"/api/videos/{unknown}").json()


@pytest.mark.parametrize("blocker", ["owner", "viewer"])
def test_a_block_works_both_ways_and_ends(
    blocker: str, ada: Person, bob: Person, carol: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    make_video(bob)
    blocking, blocked = (ada, bob) if blocker == "owner" else (bob, ada)
    assert blocking.rpc("block_user", user_id=blocked.user_id).status_code == 204
    assert statuses(bob, video_id) == NOT_FOUND
    assert not in_feed(bob, video_id)
    assert statuses(carol, video_id) == VISIBLE
    assert blocking.rpc("unblock_user", user_id=blocked.user_id).status_code == 204
    assert statuses(bob, video_id) == VISIBLE


def test_a_video_is_there_until_its_last_second_and_gone_in_the_next(
    ada: Person, bob: Person, nobody: Person, make_video: MakeVideo
) -> None:
    nearly = make_video(ada, age="14 days - 2 seconds")
    assert bob.get(f"/api/videos/{nearly}").status_code == 200
    just = make_video(ada, age="14 days 2 seconds")
    assert statuses(bob, just) == NOT_FOUND
    assert statuses(nobody, just) == NOT_FOUND


def test_an_owner_learns_that_his_own_has_expired(ada: Person, make_video: MakeVideo) -> None:
    path = f"/api/videos/{make_video(ada, age='15 days')}"
    for answer in (ada.get(path), ada.get(f"{path}/comments"), ada.post(f"{path}/like")):
        assert answer.status_code == 410, answer.text
        assert answer.json()["error"]["message"] == "video_expired"


def test_a_deleted_video_is_gone_for_everybody_at_once(
    ada: Person, bob: Person, nobody: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    assert ada.delete(f"/api/videos/{video_id}").status_code == 200
    for person in (ada, bob, nobody):
        assert statuses(person, video_id) == NOT_FOUND
        assert not in_feed(person, video_id)
