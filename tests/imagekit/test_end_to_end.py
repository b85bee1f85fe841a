"""Our answer to a phone, posted as it is, and the file it puts there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from api.imagekit.account import ImageKitAccount
from api.imagekit.client import ImageKitClient
from api.imagekit.upload_answer import UploadAnswer, UploadTicket, Version, upload_answer
from tests.imagekit.phone import PICTURE, VIDEO
from tests.imagekit.running import HTTP, RunningStandIn

CHECKS_FAILED = "Your request failed 'checks' validation."
VERSIONS = ("v1", "v2")

versions = pytest.mark.parametrize("version", VERSIONS)


@pytest.fixture
def account(standin: RunningStandIn) -> ImageKitAccount:
    """The stand-in's account, as the API's settings describe it."""
    return ImageKitAccount(
        public_key=standin.public_key,
        private_key=standin.private_key,
        url_endpoint=standin.url_endpoint,
        upload_base=standin.base_url,
        api_base=standin.base_url,
    )


def video_ticket() -> UploadTicket:
    """What the database opens for a video of known size."""
    ticket_id, now = uuid4(), datetime.now(UTC)
    return UploadTicket(
        ticket_id=ticket_id,
        folder=f"/videos/{now:%Y-%m-%d/%H}",
        file_name=f"{ticket_id}.mp4",
        mime_types=["video/mp4", "video/quicktime"],
        exact_bytes=len(VIDEO),
        max_bytes=100 * 2**20,
        max_seconds=180,
        issued_at=now,
        expires_at=now + timedelta(minutes=30),
    )


def post(answer: UploadAnswer, content: bytes = VIDEO, **changes: str) -> httpx.Response:
    """Do what the answer says, as the app does."""
    fields = {**answer["fields"], **changes}
    return HTTP.request(
        answer["method"], answer["uploadUrl"], data=fields, files={"file": ("c.mp4", content)}
    )


@versions
def test_the_answer_is_all_a_phone_needs(account: ImageKitAccount, version: Version) -> None:
    ticket = video_ticket()
    uploaded = post(upload_answer(ticket, account, version))
    assert uploaded.status_code == 200
    path = f"{ticket.folder}/{ticket.file_name}"
    assert uploaded.json()["filePath"] == path
    assert uploaded.json()["tags"] == [f"t_{ticket.ticket_id}"]
    assert HTTP.get(account.url_endpoint + path).content == VIDEO

    async def described() -> tuple[object, object]:
        async with ImageKitClient(account) as client:
            return (
                await client.get_file(uploaded.json()["fileId"]),
                await client.find_file(ticket.folder, ticket.file_name),
            )

    details, found = asyncio.run(described())
    assert details == found
    assert isinstance(details, dict)
    assert (details["filePath"], details["versionInfo"]["name"]) == (path, "Version 1")


@versions
@pytest.mark.parametrize(
    ("change", "content"),
    [
        (lambda ticket: replace(ticket, exact_bytes=len(VIDEO) + 1), VIDEO),
        (lambda ticket: replace(ticket, exact_bytes=None, max_bytes=len(VIDEO) - 1), VIDEO),
        (lambda ticket: replace(ticket, max_seconds=1), VIDEO),
        (lambda ticket: replace(ticket, exact_bytes=len(PICTURE)), PICTURE),
    ],
)
def test_another_file_than_was_announced_is_refused(
    account: ImageKitAccount,
    version: Version,
    change: Callable[[UploadTicket], UploadTicket],
    content: bytes,
) -> None:
    refused = post(upload_answer(change(video_ticket()), account, version), content)
    assert (refused.status_code, refused.json()["message"]) == (400, CHECKS_FAILED)


@versions
def test_a_file_of_unknown_size_is_accepted_up_to_the_limit(
    account: ImageKitAccount, version: Version
) -> None:
    ticket = replace(video_ticket(), exact_bytes=None, max_bytes=len(VIDEO))
    assert post(upload_answer(ticket, account, version)).status_code == 200


@versions
def test_a_picture_is_accepted_without_a_duration(
    account: ImageKitAccount, version: Version
) -> None:
    ticket = video_ticket()
    picture = replace(
        ticket,
        folder="/avatars/2026-11-22",
        file_name=f"{ticket.ticket_id}.jpg",
        mime_types=["image/jpeg", "image/png"],
        exact_bytes=len(PICTURE),
        max_seconds=None,
    )
    assert post(upload_answer(picture, account, version), PICTURE).status_code == 200


@versions
def test_an_answer_is_good_once(account: ImageKitAccount, version: Version) -> None:
    answer = upload_answer(video_ticket(), account, version)
    assert post(answer).status_code == 200
    assert "has been used before" in post(answer).json()["message"]


@versions
def test_an_answer_expires_with_its_ticket(account: ImageKitAccount, version: Version) -> None:
    now = datetime.now(UTC)
    ticket = replace(video_ticket(), issued_at=now - timedelta(minutes=31), expires_at=now)
    refused = post(upload_answer(ticket, account, version))
    assert refused.status_code == 400
    assert "expire" in refused.json()["message"]


@pytest.mark.parametrize(
    "change",
    [
        {"folder": "/videos/2026-11-22/14"},
        {"fileName": "other.mp4"},
        {"overwriteFile": "true"},
        {"checks": '"file.size" > 0'},
        {"webhookUrl": "https://example.com"},
    ],
)
def test_nothing_in_a_v2_answer_can_be_changed(
    account: ImageKitAccount, change: dict[str, str]
) -> None:
    refused = post(upload_answer(video_ticket(), account), VIDEO, **change)
    assert refused.status_code == 400
    assert "invalid payload" in refused.json()["message"]


def test_an_old_app_uploads_with_the_keys_at_the_top(account: ImageKitAccount) -> None:
    answer = upload_answer(video_ticket(), account, "v1")
    form = {
        "publicKey": answer["publicKey"],
        "token": answer["token"],
        "expire": str(answer["expire"]),
        "signature": str(answer["signature"]),
        "folder": answer["folder"],
        "fileName": answer["fileName"],
        "useUniqueFileName": "false",
    }
    uploaded = HTTP.post(answer["uploadUrl"], data=form, files={"file": ("c.mp4", VIDEO)})
    assert uploaded.json()["filePath"] == f"{answer['folder']}/{answer['fileName']}"
