"""A person takes his data with him, and leaves nothing behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person


def test_a_person_gets_all_there_is_about_him(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada, title="one")
    bob.post(f"/api/videos/{video_id}/comment", json={"text": "hi"})
    answer = ada.get("/api/profile/export")
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store, private"
    assert "link" not in answer.headers
    body = answer.json()
    assert body["message"] == "Data exported successfully"
    assert body["data"]["user_id"] == ada.user_id
    (video,) = body["data"]["lists"]["videos"]
    assert (video["id"], video["comments_count"]) == (video_id, 1)
    assert body["data"]["lists"]["comments"] == []
    by_rpc = bob.rpc("export_my_data").json()
    assert by_rpc["lists"]["comments"][0]["text"] == "hi"


def test_what_is_too_much_for_one_answer_goes_on_by_a_link(
    ada: Person, bob: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    bob.rpc("update_my_profile", username="")
    admin.execute(
        "insert into public.video_comments (id, video_id, user_id, text) "
        "select private.uuid_v7(), %s, %s, n::text from generate_series(1, 1200) as n",
        (video_id, bob.user_id),
    )
    first = bob.get("/api/profile/export")
    lists = first.json()["data"]["lists"]
    assert len(lists["comments"]) == 1000
    link = first.headers["link"]
    assert link.endswith('>; rel="next"')
    second = bob.get(link[1:].partition(">")[0])
    assert second.status_code == 200, second.text
    assert "link" not in second.headers
    rest = second.json()["data"]["lists"]
    assert set(rest) == {"comments"}
    texts = {comment["text"] for comment in lists["comments"] + rest["comments"]}
    assert len(texts) == 1200
    following = first.json()["data"]["next"]
    assert bob.rpc("export_my_data", after=following).json()["lists"] == rest


@pytest.mark.parametrize("after", ["", "x", "[]", '{"likes": 1}', '{"salts": "x"}', "1" * 3000])
def test_a_made_up_place_to_go_on_is_refused(after: str, ada: Person) -> None:
    answer = ada.get("/api/profile/export", params={"after": after})
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"] in {"after_invalid", "value_invalid"}


def test_nobody_exports_or_erases_without_a_token(nobody: Person) -> None:
    assert nobody.get("/api/profile/export").status_code == 401
    assert nobody.delete("/api/profile").status_code == 401
    for function in ("export_my_data", "erase_me"):
        assert nobody.rpc(function).status_code == 401


def test_who_is_erased_is_gone_at_once_and_may_begin_anew(
    ada: Person, bob: Person, carol: Person, make_video: MakeVideo
) -> None:
    erased, kept = make_video(bob, username=f"b{(bob.user_id or '')[-8:]}"), make_video(ada)
    for person in (bob, carol):
        person.post(f"/api/videos/{kept}/like", json={"liked": True})
        person.post(f"/api/videos/{kept}/comment", json={"text": "hi"})
        person.post(f"/api/videos/{kept}/view")
    for _ in range(2):
        answer = bob.delete("/api/profile")
        assert (answer.status_code, answer.json()["data"]) == (200, {"finished": True})
        assert answer.json()["message"] == "Account erased successfully"
    assert carol.get(f"/api/videos/{erased}").status_code == 404
    video = carol.rpc("get_video", video_id=kept).json()
    counts = (video["likes_count"], video["comments_count"], video["views_count"])
    assert counts == (1, 1, 2)
    page = carol.get(f"/api/videos/{kept}/comments").json()["data"]["comments"]
    assert [comment["user_id"] for comment in page] == [carol.user_id]
    export = bob.rpc("export_my_data").json()
    assert export["profile"] is None
    assert all(entries == [] for entries in export["lists"].values())
    again = bob.post(f"/api/videos/{kept}/comment", json={"text": "back"})
    assert again.json()["data"]["user"] == {"username": "Unknown", "avatar": None}


def test_an_avatar_and_an_open_upload_go_too(bob: Person, admin: psycopg.Connection[Any]) -> None:
    picture, video = bob.upload(purpose="avatar"), bob.upload()
    bob.send("PUT", "/api/profile/avatar", json=picture.body)
    assert bob.delete("/api/profile").status_code == 200
    ordered = admin.execute(
        "select reason from private.media_deletions where file_id = %s", (picture.file_id,)
    ).fetchall()
    assert ordered == [("erased",)]
    assert bob.post("/api/videos", json=video.body).status_code in {404, 410}


def test_erasing_once_is_enough_however_often_at_once(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    make_video(bob)
    bob.post(f"/api/videos/{video_id}/like", json={"liked": True})
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: bob.delete("/api/profile"), range(8)))
    assert {answer.status_code for answer in answers} == {200}, [a.text for a in answers]
    assert ada.rpc("get_video", video_id=video_id).json()["likes_count"] == 0
