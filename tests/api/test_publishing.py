"""From the ticket to the video: what ImageKit says about a file decides, never the client."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.people import Person, Uploaded, person, send_file
from tests.api.serving import served
from tests.api.test_contract import UTC_TIME, assert_video, failed, succeeded

MESSAGE = "Video uploaded successfully"
SIGNED = "Authentication parameters retrieved successfully"


def publish(who: Person, uploaded: Uploaded, **more: Any) -> httpx.Response:
    return who.post("/api/videos", json=uploaded.body | more)


def state(who: Person, uploaded: Uploaded) -> dict[str, Any]:
    answer = who.get(f"/api/uploads/{uploaded.ticket_id}")
    upload: dict[str, Any] = succeeded(answer, "Upload retrieved successfully")
    return upload


def test_both_names_of_the_signing_route_give_the_seeds_keys_and_a_form(ada: Person) -> None:
    for answer in (ada.post("/api/uploads"), ada.get("/api/auth/imagekit")):
        signed = succeeded(answer, SIGNED)
        assert {"token", "expire", "signature", "ticketId", "uploadUrl", "fields"} <= set(signed)
        assert signed["fields"]["fileName"] == f"{signed['ticketId']}.mp4"
        assert signed["fields"]["token"] == signed["token"]
        assert 0 < signed["expire"] - signed["serverTime"] <= 1800
        assert answer.headers["cache-control"] == "no-store, private"


def test_a_ticket_holds_what_the_app_announced(ada: Person) -> None:
    for answer in (
        ada.post("/api/uploads", json={"purpose": "video", "mime": "video/mp4", "bytes": 4711}),
        ada.get("/api/auth/imagekit?purpose=video&mime=video/mp4&bytes=4711&v=2"),
    ):
        assert '"file.size" = 4711' in succeeded(answer, SIGNED)["fields"]["checks"]


@pytest.mark.parametrize(
    ("wanted", "status", "slug"),
    [
        ({"bytes": 10**12}, 413, "upload_too_large"),
        ({"mime": "text/html"}, 415, "upload_type_unsupported"),
        ({"purpose": "avatar", "mime": "video/mp4"}, 415, "upload_type_unsupported"),
        ({"purpose": "virus"}, 400, "purpose_invalid"),
        ({"bytes": 0}, 400, "bytes_invalid"),
        ({"bytes": -5}, 400, "bytes_invalid"),
        ({"bytes": "4711"}, 400, "body_invalid"),
        ({"bytes": 1.5}, 400, "body_invalid"),
        ({"bytes": 10**30}, 400, "body_invalid"),
        ({"v": 3}, 400, "body_invalid"),
        ({"v": 1}, 400, "version_unsupported"),
        ({"folder": "/videos"}, 400, "body_invalid"),
    ],
)
def test_a_ticket_is_only_for_what_may_be_uploaded(
    wanted: dict[str, Any], status: int, slug: str, ada: Person
) -> None:
    failed(ada.post("/api/uploads", json=wanted), status, slug)


def test_a_person_has_ten_open_uploads_at_most(ada: Person, bob: Person) -> None:
    for _ in range(10):
        ada.ticket()
    failed(ada.post("/api/uploads"), 409, "too_many_open_uploads")
    bob.ticket()


def test_an_upload_becomes_a_video_with_zero_counts(ada: Person, nobody: Person) -> None:
    uploaded = ada.upload(mime="video/mp4")
    assert state(ada, uploaded)["state"] == "issued"
    video = succeeded(publish(ada, uploaded, title=" Surf ", description="Big"), MESSAGE, 201)
    assert_video(video)
    assert (video["title"], video["description"]) == ("Surf", "Big")
    assert video["user_id"] == ada.user_id
    assert video["video_url"] == uploaded.url
    assert video["thumbnail_url"] is None
    assert (video["views_count"], video["likes_count"], video["comments_count"]) == (0, 0, 0)
    assert httpx.get(video["video_url"], headers={"range": "bytes=0-9"}).status_code == 206
    assert nobody.get(f"/api/videos/{video['id']}").status_code == 200
    upload = state(ada, uploaded)
    assert (upload["state"], upload["video_id"]) == ("published", video["id"])
    assert UTC_TIME.fullmatch(upload["expires_at"])


def test_publishing_again_gives_the_same_video_without_asking_imagekit(
    ada: Person, admin: psycopg.Connection[Any], imagekit: Any
) -> None:
    uploaded = ada.upload()
    first = succeeded(publish(ada, uploaded, title="Surf"), MESSAGE, 201)
    calls = httpx.get(f"{imagekit.base_url}/_standin").json()["calls"]
    again = succeeded(publish(ada, uploaded, title="Another title"), MESSAGE, 201)
    assert again == first
    assert httpx.get(f"{imagekit.base_url}/_standin").json()["calls"] == calls
    row = admin.execute(
        "select count(*) from public.videos where user_id = %s", (ada.user_id,)
    ).fetchone()
    assert row == (1,)


def test_the_old_body_works_when_the_url_is_an_own_uploads(ada: Person, bob: Person) -> None:
    uploaded = ada.upload()
    thumbnail = ada.upload(purpose="thumbnail")
    body = {
        "title": "Old app",
        "description": "",
        "video_url": uploaded.url,
        "thumbnail_url": thumbnail.url,
    }
    failed(bob.post("/api/videos", json=body), 404, "upload_not_found")
    video = succeeded(ada.post("/api/videos", json=body), MESSAGE, 201)
    assert (video["video_url"], video["thumbnail_url"]) == (uploaded.url, thumbnail.url)
    assert (video["title"], video["description"]) == ("Old app", None)
    assert succeeded(ada.post("/api/videos", json=body), MESSAGE, 201) == video


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/video.mp4",
        "javascript:alert(1)",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "not a url",
    ],
)
def test_a_url_of_anybody_elses_is_no_upload(url: str, ada: Person) -> None:
    failed(ada.post("/api/videos", json={"video_url": url}), 404, "upload_not_found")
    uploaded = ada.upload()
    failed(publish(ada, uploaded, thumbnail_url=url), 404, "upload_not_found")
    assert state(ada, uploaded)["state"] == "issued"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": "nothing else"},
        {"ticket_id": "nonsense", "file_id": "x"},
        {"ticket_id": str(uuid.uuid4())},
        {"ticket_id": str(uuid.uuid4()), "file_id": ""},
        {"ticket_id": str(uuid.uuid4()), "file_id": "x", "video_url": "http://x/y"},
        {"ticket_id": str(uuid.uuid4()), "file_id": "x", "user_id": "bob"},
        {"ticket_id": str(uuid.uuid4()), "file_id": "x", "title": 5},
        {"video_url": 5},
        {"video_url": ""},
        {"video_url": "x" * 3000},
        {"video_url": "http://x/y", "views_count": 1000},
    ],
)
def test_a_publication_says_which_upload_and_nothing_it_may_not(
    body: dict[str, Any], ada: Person
) -> None:
    answer = ada.post("/api/videos", json=body)
    assert answer.status_code == 400, answer.text


def test_nobody_publishes_with_another_persons_ticket_or_file(ada: Person, bob: Person) -> None:
    hers, his = ada.upload(), bob.upload()
    failed(publish(bob, hers), 404, "upload_not_found")
    failed(bob.get(f"/api/uploads/{hers.ticket_id}"), 404, "upload_not_found")
    mixed = Uploaded(his.ticket_id, hers.file_id, his.url)
    failed(publish(bob, mixed), 422, "upload_mismatch")
    succeeded(publish(ada, hers), MESSAGE, 201)


def test_a_second_file_for_a_published_upload_is_a_conflict(ada: Person) -> None:
    first, second = ada.upload(), ada.upload()
    succeeded(publish(ada, first), MESSAGE, 201)
    other = Uploaded(first.ticket_id, second.file_id, first.url)
    failed(publish(ada, other), 409, "upload_conflict")


def test_a_thumbnail_must_be_a_thumbnail_of_ones_own(ada: Person, bob: Person) -> None:
    uploaded = ada.upload()
    theirs = bob.upload(purpose="thumbnail")
    failed(publish(ada, uploaded, thumbnail_url=theirs.url), 404, "upload_not_found")
    not_one = ada.upload()
    failed(publish(ada, uploaded, thumbnail_url=not_one.url), 404, "upload_not_found")
    own = ada.upload(purpose="thumbnail")
    video = succeeded(publish(ada, uploaded, thumbnail_url=own.url), MESSAGE, 201)
    assert video["thumbnail_url"] == own.url
    failed(publish(ada, not_one, thumbnail_url=own.url), 409, "upload_conflict")


def test_a_file_that_never_arrived_cannot_be_published(ada: Person) -> None:
    ticket = ada.ticket()
    body = {"ticket_id": ticket["ticketId"], "file_id": "0" * 24}
    failed(ada.post("/api/videos", json=body), 404, "upload_not_found")
    body["file_id"] = "../../etc/passwd"
    failed(ada.post("/api/videos", json=body), 404, "upload_not_found")


def test_an_upload_is_not_published_for_ever(ada: Person, admin: psycopg.Connection[Any]) -> None:
    uploaded = ada.upload()
    admin.execute(
        "update private.upload_tickets set issued_at = issued_at - interval '1 day', "
        "expires_at = expires_at - interval '1 day' where id = %s",
        (uploaded.ticket_id,),
    )
    assert state(ada, uploaded)["state"] == "expired"
    failed(publish(ada, uploaded), 410, "upload_expired")


def test_a_text_too_long_is_refused_and_the_upload_is_still_good(ada: Person) -> None:
    uploaded = ada.upload()
    failed(publish(ada, uploaded, title="x" * 201), 400, "title_too_long")
    succeeded(publish(ada, uploaded, title="x" * 200), MESSAGE, 201)


@pytest.fixture(scope="module")
def without_imagekit(api_environment: dict[str, str]) -> Any:
    """An API that cannot reach ImageKit's API, while uploads still arrive."""
    with served(api_environment | {"IMAGEKIT_API_BASE": "http://127.0.0.1:9"}) as url:
        yield url


@pytest.mark.parametrize("old_body", [False, True])
def test_an_upload_is_held_while_imagekit_is_away_and_finished_later(
    old_body: bool, without_imagekit: str, ada: Person
) -> None:
    uploaded = ada.upload()
    body = {"video_url": uploaded.url} if old_body else uploaded.body
    held = httpx.post(
        f"{without_imagekit}/api/videos",
        json=body | {"title": "Waiting"},
        headers=ada.headers,
        timeout=30,
    )
    assert succeeded(held, MESSAGE, 202) == {
        "ticket_id": uploaded.ticket_id,
        "state": "uploaded",
    }
    assert state(ada, uploaded)["state"] == "uploaded"
    video = succeeded(ada.post("/api/videos", json=body), MESSAGE, 201)
    assert video["title"] == "Waiting"
    # What is published needs no more word from ImageKit.
    again = httpx.post(f"{without_imagekit}/api/videos", json=body, headers=ada.headers)
    assert succeeded(again, MESSAGE, 201) == video


def test_a_title_that_cannot_be_is_refused_also_while_imagekit_is_away(
    without_imagekit: str, ada: Person
) -> None:
    uploaded = ada.upload()
    for field, text, slug in (
        ("title", "x" * 201, "title_too_long"),
        ("title", "Z" + "\u0316" * 6, "title_invalid"),
        ("description", "x" * 2001, "description_too_long"),
    ):
        body = uploaded.body | {field: text}
        answer = httpx.post(f"{without_imagekit}/api/videos", json=body, headers=ada.headers)
        failed(answer, 400, slug)
    assert state(ada, uploaded)["state"] == "issued"


def test_an_error_of_imagekits_holds_the_upload_too(ada: Person, imagekit: Any) -> None:
    uploaded = ada.upload()
    ordered = httpx.post(
        f"{imagekit.base_url}/_standin/faults",
        json={"path": uploaded.file_id, "status": 503, "times": 10},
    )
    assert ordered.is_success, ordered.text
    try:
        succeeded(publish(ada, uploaded), MESSAGE, 202)
    finally:
        httpx.delete(f"{imagekit.base_url}/_standin/faults")
    succeeded(publish(ada, uploaded), MESSAGE, 201)


# V1 signs no field, so what was really uploaded is looked at afterwards.


@pytest.fixture(scope="module")
def http_v1(api_environment: dict[str, str]) -> Any:
    given = api_environment | {"IMAGEKIT_ALLOW_V1": "1"}
    with served(given) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


@pytest.fixture
def old_app(http_v1: httpx.Client, api: Any) -> Person:
    return person(http_v1, "ada", api.jwt_secret)


def test_with_v1_a_file_at_the_tickets_own_place_is_published(old_app: Person) -> None:
    signed = old_app.ticket(v=1)
    assert signed["signature"]
    assert (signed["folder"], signed["fileName"]) == (
        signed["fields"]["folder"],
        signed["fields"]["fileName"],
    )
    uploaded = send_file(signed, "sample.mp4")
    succeeded(publish(old_app, uploaded), MESSAGE, 201)


def test_with_v1_a_file_anywhere_else_is_not_published(old_app: Person) -> None:
    signed = old_app.ticket(v=1)
    signed["fields"] |= {"folder": "/videos/elsewhere"}
    uploaded = send_file(signed, "sample.mp4")
    failed(publish(old_app, uploaded), 422, "upload_mismatch")
    failed(old_app.post("/api/videos", json={"video_url": uploaded.url}), 404, "upload_not_found")


def test_with_v1_a_file_of_another_size_than_announced_is_not_published(old_app: Person) -> None:
    signed = old_app.ticket(v=1, bytes=5)
    del signed["fields"]["checks"]
    failed(publish(old_app, send_file(signed, "sample.mp4")), 422, "upload_mismatch")


def test_with_v1_a_file_of_another_type_is_not_published(old_app: Person) -> None:
    signed = old_app.ticket(v=1)
    del signed["fields"]["checks"]
    failed(publish(old_app, send_file(signed, "thumbnail.jpg")), 422, "upload_mismatch")
