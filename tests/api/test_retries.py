"""What a phone asks again, because it got no answer, is done once."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person


def keyed(key: str | None = None) -> dict[str, str]:
    return {"idempotency-key": key or str(uuid.uuid4())}


def test_a_comment_asked_for_sixteen_times_at_once_is_one(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    path, headers = f"/api/videos/{video_id}/comment", keyed()
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda _: bob.post(path, json={"text": "hi"}, headers=headers), range(16))
        )
    # Where there are limits a retry takes part in them, and comes again later.
    written = [answer for answer in answers if answer.status_code != 429]
    assert {answer.status_code for answer in written} == {201}, [a.text for a in answers]
    assert len({answer.json()["data"]["id"] for answer in written}) == 1
    page = ada.get(f"/api/videos/{video_id}/comments").json()["data"]
    assert (len(page["comments"]), page["pagination"]["total"]) == (1, 1)


def test_the_supabase_client_sends_the_id_as_an_argument(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    asked = {"video_id": make_video(ada), "text": "hi"}
    request_id = str(uuid.uuid4())
    first = bob.rpc("add_video_comment", **asked, request_id=request_id)
    assert first.status_code == 200, first.text
    again = bob.rpc("add_video_comment", **asked, request_id=request_id)
    assert again.json() == first.json()
    other = bob.rpc("add_video_comment", **asked | {"text": "ho"}, request_id=request_id)
    assert (other.status_code, other.json()["message"]) == (422, "request_id_reused")
    without = bob.rpc("add_video_comment", **asked)
    assert without.json()["id"] != first.json()["id"]


def test_both_doors_know_the_same_ids(ada: Person, bob: Person, make_video: MakeVideo) -> None:
    video_id, request_id = make_video(ada), str(uuid.uuid4())
    path = f"/api/videos/{video_id}/comment"
    by_http = bob.post(path, json={"text": "hi"}, headers=keyed(request_id)).json()["data"]
    by_rpc = bob.rpc("add_video_comment", video_id=video_id, text="hi", request_id=request_id)
    assert by_rpc.json()["id"] == by_http["id"]


def test_a_key_that_came_with_another_comment_is_refused(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    headers = keyed()
    path = f"/api/videos/{make_video(ada)}/comment"
    assert bob.post(path, json={"text": "hi"}, headers=headers).status_code == 201
    for other, text in ((path, "ho"), (f"/api/videos/{make_video(ada)}/comment", "hi")):
        answer = bob.post(other, json={"text": text}, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["error"]["message"] == "request_id_reused"


def test_an_upload_asked_for_sixteen_times_at_once_is_one(bob: Person) -> None:
    headers = keyed()
    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda _: bob.post("/api/uploads", json={}, headers=headers), range(16))
        )
    opened = [answer for answer in answers if answer.status_code != 429]
    assert {answer.status_code for answer in opened} == {200}, [a.text for a in answers]
    signed = [answer.json()["data"] for answer in opened]
    assert all(one["fields"] == signed[0]["fields"] for one in signed)
    assert len(bob.rpc("my_uploads").json()) == 1
    by_the_old_name = bob.get("/api/auth/imagekit", headers=headers).json()["data"]
    assert by_the_old_name["ticketId"] == signed[0]["ticketId"]
    other = bob.post("/api/uploads", json={"bytes": 5}, headers=headers)
    assert (other.status_code, other.json()["error"]["message"]) == (422, "request_id_reused")


def test_a_key_may_stand_in_quotes(bob: Person) -> None:
    key = str(uuid.uuid4())
    bare = bob.post("/api/uploads", json={}, headers=keyed(key)).json()["data"]
    quoted = bob.post("/api/uploads", json={}, headers=keyed(f'"{key.upper()}"')).json()["data"]
    assert quoted["ticketId"] == bare["ticketId"]


@pytest.mark.parametrize(
    "key",
    [
        "",
        '""',
        "1",
        "not-a-uuid",
        "00000000000070008000000000000000",
        "{00000000-0000-7000-8000-000000000000}",
        '"00000000-0000-7000-8000-000000000000',
        "00000000-0000-7000-8000-0000000000001",
        "x" * 5000,
        "schlüssel",
    ],
)
def test_a_key_is_a_uuid(key: str, ada: Person, bob: Person, make_video: MakeVideo) -> None:
    headers: dict[str, Any] = {"idempotency-key": key.encode()}
    for answer in (
        bob.post(f"/api/videos/{make_video(ada)}/comment", json={"text": "hi"}, headers=headers),
        bob.post("/api/uploads", json={}, headers=headers),
        bob.get("/api/auth/imagekit", headers=headers),
    ):
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"]["message"] == "idempotency_key_invalid"
    assert bob.rpc("my_uploads").json() == []


def test_two_keys_are_one_too_many(bob: Person) -> None:
    keys = [("idempotency-key", str(uuid.uuid4())) for _ in range(2)]
    answer = bob.http.post("/api/uploads", json={}, headers=[*bob.headers.items(), *keys])
    assert (answer.status_code, answer.json()["error"]["message"]) == (
        400,
        "idempotency_key_invalid",
    )


def test_what_sets_a_state_needs_no_key(ada: Person, bob: Person, make_video: MakeVideo) -> None:
    """Likes, views, blocks, reports and deletions: the second time changes nothing."""
    video_id = make_video(ada)
    for _ in range(2):
        liked = bob.post(f"/api/videos/{video_id}/like", json={"liked": True})
        assert liked.json()["data"] == {"liked": True, "likes_count": 1}
        assert bob.post(f"/api/videos/{video_id}/view").status_code == 200
        assert bob.rpc("report_video", video_id=video_id, reason="odd").status_code == 204
    assert bob.rpc("get_video", video_id=video_id).json()["views_count"] == 1
    for _ in range(2):
        assert ada.delete(f"/api/videos/{video_id}").status_code == 200
        assert bob.rpc("block_user", user_id=ada.user_id).status_code == 204
        assert bob.rpc("unblock_user", user_id=ada.user_id).status_code == 204
