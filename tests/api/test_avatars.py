"""An avatar is an uploaded picture; what is refused fails its ticket and goes."""

from __future__ import annotations

from typing import Any

import psycopg

from tests.api.people import Person
from tests.api.test_contract import failed, succeeded

MESSAGE = "Avatar updated successfully"
PATH = "/api/profile/avatar"


def upload_picture(person: Person) -> dict[str, str]:
    uploaded = person.upload(purpose="avatar", mime="image/jpeg")
    return {"ticket_id": uploaded.ticket_id, "file_id": uploaded.file_id}


def reasons(admin: psycopg.Connection[Any], file_id: str) -> list[tuple[str, str]]:
    return admin.execute(
        "select reason, state from private.media_deletions where file_id = %s", (file_id,)
    ).fetchall()


def test_a_picture_becomes_the_avatar_and_the_one_before_goes(
    ada: Person, admin: psycopg.Connection[Any]
) -> None:
    first, second = upload_picture(ada), upload_picture(ada)
    profile = succeeded(ada.send("PUT", PATH, json=first), MESSAGE)
    assert profile["user_id"] == ada.user_id
    assert profile["avatar"].endswith(f"/{first['ticket_id']}.jpg")
    assert succeeded(ada.send("PUT", PATH, json=first), MESSAGE) == profile
    assert reasons(admin, first["file_id"]) == []

    assert succeeded(ada.send("PUT", PATH, json=second), MESSAGE)["avatar"] != profile["avatar"]
    assert reasons(admin, first["file_id"]) == [("replaced", "queued")]
    failed(
        ada.send("PUT", PATH, json={**first, "file_id": second["file_id"]}), 409, "upload_conflict"
    )


def test_the_ticket_or_file_of_another_is_not_mine(ada: Person, bob: Person) -> None:
    hers, his = upload_picture(ada), upload_picture(bob)
    failed(bob.send("PUT", PATH, json=hers), 404, "upload_not_found")
    stolen = {"ticket_id": his["ticket_id"], "file_id": hers["file_id"]}
    failed(bob.send("PUT", PATH, json=stolen), 422, "avatar_mismatch")
    succeeded(bob.send("PUT", PATH, json=his), MESSAGE)
    succeeded(ada.send("PUT", PATH, json=hers), MESSAGE)


def test_a_video_published_with_a_file_of_another_size_fails_its_ticket_and_the_file_goes(
    ada: Person, admin: psycopg.Connection[Any]
) -> None:
    uploaded = ada.upload(mime="video/mp4")
    admin.execute(
        "update private.upload_tickets set bytes = 7 where id = %s", (uploaded.ticket_id,)
    )
    failed(ada.post("/api/videos", json=uploaded.body), 422, "upload_mismatch")
    answer = ada.get(f"/api/uploads/{uploaded.ticket_id}")
    state = succeeded(answer, "Upload retrieved successfully")
    assert state["state"] == "failed"
    assert "7 bytes" in state["reason"]
    assert reasons(admin, uploaded.file_id) == [("failed", "queued")]
    failed(ada.post("/api/videos", json=uploaded.body), 410, "upload_expired")


def test_a_foreign_file_fails_no_ticket_and_is_never_deleted(
    ada: Person, bob: Person, admin: psycopg.Connection[Any]
) -> None:
    hers, his = ada.upload(mime="video/mp4"), bob.upload(mime="video/mp4")
    failed(
        bob.post("/api/videos", json=his.body | {"file_id": hers.file_id}), 422, "upload_mismatch"
    )
    assert reasons(admin, hers.file_id) == []
    assert bob.post("/api/videos", json=his.body).status_code == 201
    assert ada.post("/api/videos", json=hers.body).status_code == 201


def test_what_is_missing_or_wrong_is_said(ada: Person) -> None:
    picture = upload_picture(ada)
    failed(ada.send("PUT", PATH, json={"ticket_id": picture["ticket_id"]}), 400, "body_invalid")
    failed(ada.send("PUT", PATH, json={**picture, "ticket_id": "x"}), 400, "id_invalid")
    failed(ada.send("PUT", PATH, json={**picture, "file_id": "0" * 24}), 404, "upload_not_found")


def test_while_imagekit_cannot_be_asked_an_avatar_waits_and_is_not_lost(
    ada: Person, imagekit: Any
) -> None:
    picture = upload_picture(ada)
    imagekit.fault("^/v1/files", status=503, times=5)
    try:
        answer = ada.send("PUT", PATH, json=picture)
    finally:
        imagekit.control("DELETE", "/faults")
    assert answer.status_code == 202
    assert answer.json()["data"] == {"ticket_id": picture["ticket_id"], "state": "uploaded"}
    succeeded(ada.send("PUT", PATH, json=picture), MESSAGE)
