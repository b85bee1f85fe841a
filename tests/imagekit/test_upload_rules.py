"""What becomes of an authorized upload: names, sizes, checks, versions, odd forms."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import socket
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from dev.imagekit.form import read_upload
from tests.imagekit.phone import MISSING_FILE, PICTURE, VIDEO, Phone
from tests.imagekit.running import HTTP

TOO_LARGE = "Your request contains invalid file parameter. The file size exceeds limits."
NAME_TAKEN = (
    "A file with the same name already exists at the exact location. We could not overwrite it"
    " because both overwriteFile and useUniqueFileName are set to false."
)
CHECKS_FAILED = "Your request failed 'checks' validation."
CHECKS_SYNTAX = "Your request contains invalid syntax for the checks parameter."
BOUNDARY = "a-boundary"


def refused(phone: Phone, fields: dict[str, str], content: bytes | None = VIDEO) -> str:
    """The message of a 400 to a correctly signed upload, of which nothing may stay behind."""
    status, message = phone.refusal(2, phone.signed_v2(fields), content)
    assert status == 400
    assert list(phone.standin.data.glob("incoming/*")) == []
    return message


def multipart(parts: Sequence[tuple[str, str | bytes]]) -> bytes:
    """A form in exactly this order; bytes are a file, text is a field."""
    lines = []
    for name, value in parts:
        filename = '; filename="clip.mp4"' if isinstance(value, bytes) else ""
        disposition = f'form-data; name="{name}"{filename}'
        lines.append(f"--{BOUNDARY}\r\ncontent-disposition: {disposition}\r\n\r\n".encode())
        lines.append((value if isinstance(value, bytes) else value.encode()) + b"\r\n")
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


def post_raw(phone: Phone, body: bytes, content_type: str | None = None) -> httpx.Response:
    return HTTP.post(
        f"{phone.standin.base_url}/api/v2/files/upload",
        content=body,
        headers={"content-type": content_type or f"multipart/form-data; boundary={BOUNDARY}"},
    )


def test_an_upload_without_a_file_or_name_is_refused(phone: Phone) -> None:
    assert refused(phone, phone.fields(), None) == MISSING_FILE
    assert refused(phone, {"folder": "/x"}) == "Your request is missing fileName parameter."


def test_parts_may_come_in_any_order(phone: Phone) -> None:
    for position in range(6):
        parts: list[tuple[str, str | bytes]] = [*phone.signed_v2(phone.fields()).items()]
        parts.insert(position, ("file", VIDEO))
        answer = post_raw(phone, multipart(parts))
        assert (answer.status_code, answer.json()["size"]) == (200, len(VIDEO))


def test_of_a_repeated_part_the_last_one_counts(phone: Phone) -> None:
    fields = phone.signed_v2(phone.fields(folder="/last"))
    parts: list[tuple[str, str | bytes]] = [("file", PICTURE), ("folder", "/first")]
    answer = post_raw(phone, multipart([*parts, *fields.items(), ("file", VIDEO)]))
    assert answer.status_code == 200
    assert answer.json()["filePath"].startswith("/last/")
    assert HTTP.get(answer.json()["url"]).content == VIDEO


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"fileName=a.mp4", "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"", "multipart/form-data"),
    ],
)
def test_what_is_no_multipart_form_has_no_parts(
    phone: Phone, body: bytes, content_type: str
) -> None:
    answer = post_raw(phone, body, content_type)
    assert answer.status_code == 400
    assert answer.json()["message"] == "Your request is missing token parameter."


@pytest.mark.parametrize("kept", [20, 200, -6])
def test_a_form_that_breaks_off_is_refused(phone: Phone, kept: int) -> None:
    fields = phone.signed_v2(phone.fields())
    answer = post_raw(phone, multipart([("file", VIDEO), *fields.items()])[:kept])
    assert answer.status_code == 400
    assert answer.json()["message"] == "Your request is not a valid multipart form."


def test_a_phone_that_hangs_up_leaves_nothing_behind(phone: Phone) -> None:
    address = httpx.URL(phone.standin.base_url)
    head = (
        "POST /api/v2/files/upload HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n"
        f"content-type: multipart/form-data; boundary={BOUNDARY}\r\n\r\n"
    )
    with socket.create_connection((address.host, address.port or 80)) as connection:
        connection.sendall(head.encode() + multipart([("file", VIDEO)])[:10_000])
    assert phone.upload()["size"] == len(VIDEO)
    assert list(phone.standin.data.glob("incoming/*")) == []


def test_a_file_may_come_as_base64_text(phone: Phone) -> None:
    encoded = base64.b64encode(VIDEO).decode()
    for text in (encoded, f"data:video/mp4;base64,{encoded}"):
        parts = [*phone.signed_v2(phone.fields()).items(), ("file", text)]
        answer = post_raw(phone, multipart(parts))
        assert answer.status_code == 200, answer.text
        assert HTTP.get(answer.json()["url"]).content == VIDEO


@pytest.mark.parametrize("text", ["https://example.com/a.mp4", "not base64!", "data:video/mp4"])
def test_a_text_that_is_no_file_is_refused(phone: Phone, text: str) -> None:
    answer = post_raw(phone, multipart([*phone.signed_v2(phone.fields()).items(), ("file", text)]))
    assert answer.status_code == 400
    assert answer.json()["message"].startswith("Your request contains invalid file parameter.")


def test_a_file_over_the_plans_limit_is_refused(phone: Phone) -> None:
    phone.standin.limit(video_bytes=len(VIDEO) - 1, other_bytes=len(PICTURE) - 1)
    assert refused(phone, phone.fields()) == TOO_LARGE
    assert refused(phone, phone.fields(), PICTURE) == TOO_LARGE
    phone.standin.limit(video_bytes=len(VIDEO), other_bytes=len(PICTURE))
    phone.upload()
    phone.upload(content=PICTURE)
    assert len(phone.standin.blobs()) == 2


def test_of_a_file_that_is_too_large_only_the_size_is_kept(tmp_path: Path) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        body = multipart([("file", b"x" * 100_000), ("tags", "last")])
        for start in range(0, len(body), 1000):
            yield body[start : start + 1000]

    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    form = asyncio.run(read_upload(content_type, chunks(), tmp_path / "file", largest=5000))
    assert (form.size, form.fields) == (100_000, {"tags": "last"})
    assert form.path.stat().st_size <= 5000


@pytest.mark.parametrize(
    ("checks", "content", "message"),
    [
        (f'"file.size" = {len(VIDEO) - 1}', VIDEO, CHECKS_FAILED),
        ('"mediaMetadata.duration" <= 1', VIDEO, CHECKS_FAILED),
        ('"mediaMetadata.duration" <= 180', b"\0\0\0\x10ftypisom", CHECKS_FAILED),
        ('"file.mime" IN ["video/mp4"]', PICTURE, CHECKS_FAILED),
        ('"request.useUniqueFileName" = true', VIDEO, CHECKS_FAILED),
        ("file.size < 10", VIDEO, CHECKS_SYNTAX),
        ("", VIDEO, CHECKS_SYNTAX),
    ],
)
def test_a_file_that_fails_its_checks_is_refused(
    phone: Phone, checks: str, content: bytes, message: str
) -> None:
    assert refused(phone, phone.fields(checks=checks), content) == message
    assert phone.standin.blobs() == []


def test_a_file_that_meets_its_checks_is_accepted(phone: Phone) -> None:
    checks = (
        f'"file.mime" IN ["video/mp4"] AND "file.size" = {len(VIDEO)}'
        ' AND "mediaMetadata.duration" <= 2 AND "request.folder" : "videos/"'
        ' AND "request.tags" IN ["t_1"] AND "request.overwriteFile" = false'
        ' AND "request.customMetadata.brand" = "acme"'
    )
    phone.upload(phone.fields(checks=checks, tags="t_1", customMetadata='{"brand": "acme"}'))


def test_a_taken_name_is_refused_when_nothing_may_be_overwritten(phone: Phone) -> None:
    fields = phone.fields()
    first = phone.upload(fields)
    # Another tag, or the second token would be the first one's text and be refused as used.
    assert refused(phone, {**fields, "tags": "again"}, PICTURE) == NAME_TAKEN
    assert HTTP.get(first["url"]).content == VIDEO


def test_one_of_many_simultaneous_uploads_gets_the_name(phone: Phone) -> None:
    forms = [
        phone.signed_v2(phone.fields(fileName="one.mp4", tags=str(number))) for number in range(8)
    ]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda form: phone.post(2, form), forms))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 7
    assert len(phone.standin.blobs()) == 1


def test_overwriting_is_the_default_and_keeps_the_id(phone: Phone) -> None:
    fields = phone.fields(fileName="one.jpg")
    del fields["overwriteFile"]
    first, second = (
        phone.upload({**fields, "tags": name}, content)
        for name, content in (("a", VIDEO), ("b", PICTURE))
    )
    assert second["fileId"] == first["fileId"]
    assert first["versionInfo"]["name"] == "Version 1"
    assert second["versionInfo"]["name"] == "Version 2"
    assert second["versionInfo"]["id"] != first["versionInfo"]["id"]
    assert HTTP.get(second["url"]).content == PICTURE
    assert len(phone.standin.blobs()) == 1
    events = [event["type"] for event in phone.standin.control("GET", "/events")]
    assert events[-2:] == ["file.created", "file-version.created"]
    phone.standin.limit(file_versions=2)
    assert "most versions allowed" in refused(phone, {**fields, "tags": "c"})


def test_a_name_is_made_unique_unless_the_form_says_otherwise(phone: Phone) -> None:
    fields = phone.fields(fileName="my clip.mp4")
    del fields["useUniqueFileName"]
    name = phone.upload(fields)["name"]
    assert re.fullmatch(r"my_clip_[A-Za-z0-9]{9}\.mp4", name)


@pytest.mark.parametrize(
    ("folder", "name", "path"),
    [
        ("/", "a.mp4", "/a.mp4"),
        ("videos//x/", "a.mp4", "/videos/x/a.mp4"),
        ("/../..", "..", "/__/__/__"),
        ("/ünter weg", "a/b?c#d.mp4", "/_nter_weg/a_b_c_d.mp4"),
    ],
)
def test_names_and_folders_are_cleaned(phone: Phone, folder: str, name: str, path: str) -> None:
    answer = phone.upload(phone.fields(folder=folder, fileName=name))
    assert answer["filePath"] == path
    assert HTTP.get(answer["url"]).status_code == 200


def test_the_answer_carries_the_fields_that_were_asked_for(phone: Phone) -> None:
    answer = phone.upload(
        phone.fields(
            tags="a, b,",
            customMetadata=json.dumps({"n": 1}),
            isPrivateFile="true",
            responseFields="tags,customMetadata,isPrivateFile,metadata,nonsense",
        ),
        PICTURE,
    )
    assert answer["tags"] == ["a", "b"]
    assert answer["customMetadata"] == {"n": 1}
    assert answer["isPrivateFile"] is True
    assert answer["metadata"] == {"width": 90, "height": 160, "size": len(PICTURE)}
    assert answer["fileType"] == "image"
    assert answer["thumbnailUrl"].startswith(answer["url"])
    assert "nonsense" not in answer


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("overwriteFile", "yes"),
        ("tags", "50%"),
        ("tags", "x" * 501),
        ("customMetadata", "{"),
        ("customMetadata", "[]"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(phone: Phone, name: str, value: str) -> None:
    message = refused(phone, phone.fields(**{name: value}))
    assert message == f"Your request contains invalid {name} parameter."


def test_an_endless_text_field_is_refused(phone: Phone) -> None:
    answer = post_raw(phone, multipart([("tags", "x" * (2**20 + 1))]))
    assert answer.status_code == 400
    assert answer.json()["message"] == "Your request contains invalid tags parameter."


def test_pages_of_any_origin_may_upload(phone: Phone) -> None:
    preflight = HTTP.options(
        f"{phone.standin.base_url}/api/v2/files/upload",
        headers={
            "origin": "https://app.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-anything",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "x-anything" in preflight.headers["access-control-allow-headers"]
    answer = phone.post(
        2, phone.signed_v2(phone.fields()), headers={"origin": "https://app.example"}
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-request-id" in answer.headers["access-control-expose-headers"]
