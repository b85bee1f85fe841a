"""What a phone is told before it uploads."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest

from api.imagekit.account import ImageKitAccount
from api.imagekit.signing import sign_v1
from api.imagekit.upload_answer import UploadTicket, upload_answer, upload_checks
from tests.imagekit.running import PRIVATE_KEY

ISSUED_AT = datetime(2026, 11, 22, 14, 59, 59, 900_000, tzinfo=UTC)
TICKET = UploadTicket(
    ticket_id=UUID("0197a6c0-6a51-7c3e-9d0e-1f5f6a7b8c9d"),
    folder="/videos/2026-11-22/14",
    file_name="0197a6c0-6a51-7c3e-9d0e-1f5f6a7b8c9d.mp4",
    mime_types=["video/mp4", "video/quicktime"],
    exact_bytes=7_340_032,
    max_bytes=104_857_600,
    max_seconds=180,
    issued_at=ISSUED_AT,
    expires_at=ISSUED_AT + timedelta(minutes=30),
)
ACCOUNT = ImageKitAccount(
    public_key="public_test",
    private_key=PRIVATE_KEY,
    url_endpoint="https://ik.imagekit.io/demo",
    upload_base="https://upload.example/",
)
FORM = {
    "fileName": "0197a6c0-6a51-7c3e-9d0e-1f5f6a7b8c9d.mp4",
    "folder": "/videos/2026-11-22/14",
    "useUniqueFileName": "false",
    "overwriteFile": "false",
    "checks": '"file.mime" IN ["video/mp4","video/quicktime"] AND "file.size" = 7340032'
    ' AND "mediaMetadata.duration" <= 180',
    "tags": "t_0197a6c0-6a51-7c3e-9d0e-1f5f6a7b8c9d",
    "responseFields": "tags",
}
ISSUED, EXPIRES = 1_795_359_599, 1_795_361_399


def test_a_v2_answer_binds_every_field_of_its_form() -> None:
    answer = upload_answer(TICKET, ACCOUNT)
    token = answer["token"]
    assert answer == {
        "ticketId": str(TICKET.ticket_id),
        "api": "v2",
        "method": "POST",
        "uploadUrl": "https://upload.example/api/v2/files/upload",
        "urlEndpoint": "https://ik.imagekit.io/demo",
        "publicKey": "public_test",
        "fields": {**FORM, "token": token},
        "token": token,
        "expire": EXPIRES,
        "signature": None,
        "serverTime": ISSUED,
        "maxBytes": 104_857_600,
    }
    claims = jwt.decode(
        token,
        PRIVATE_KEY,
        algorithms=["HS256"],
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims == {**FORM, "iat": ISSUED, "exp": EXPIRES}


def test_a_v1_answer_signs_the_ticket_and_names_its_place_for_older_apps() -> None:
    answer = upload_answer(TICKET, ACCOUNT, "v1")
    signature = sign_v1(PRIVATE_KEY, str(TICKET.ticket_id), EXPIRES)
    assert (answer["token"], answer["expire"], answer["signature"]) == (
        str(TICKET.ticket_id),
        EXPIRES,
        signature,
    )
    assert answer["uploadUrl"] == "https://upload.example/api/v1/files/upload"
    assert (answer["folder"], answer["fileName"]) == (TICKET.folder, TICKET.file_name)
    assert answer["fields"] == {
        **FORM,
        "publicKey": "public_test",
        "token": str(TICKET.ticket_id),
        "expire": str(EXPIRES),
        "signature": signature,
    }


def test_a_file_of_unknown_size_is_bounded_and_a_picture_has_no_duration() -> None:
    picture = replace(
        TICKET, mime_types=["image/png"], exact_bytes=None, max_bytes=500_000, max_seconds=None
    )
    assert upload_checks(picture) == '"file.mime" IN ["image/png"] AND "file.size" <= 500000'


def test_a_media_type_cannot_smuggle_in_a_condition() -> None:
    ticket = replace(TICKET, mime_types=['video/mp4"] OR "file.mime" NOT IN ["x'])
    with pytest.raises(ValueError, match="not a media type"):
        upload_answer(ticket, ACCOUNT)


def test_the_private_key_does_not_show_when_an_account_is_printed() -> None:
    assert PRIVATE_KEY not in repr(ACCOUNT)
    assert PRIVATE_KEY not in str(upload_answer(TICKET, ACCOUNT, "v1"))
