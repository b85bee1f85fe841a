"""A body that is not what it should be gets a clear 4xx, whatever it is."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person

JSON = {"content-type": "application/json"}


BAD_BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "content_type_unsupported"),
    "no JSON": (b"text=hello", "body_invalid"),
    "half of it": (b'{"text": "hel', "body_invalid"),
    "more than it": (b'{"text": "hello"} {}', "body_invalid"),
    "a list": (b'["hello"]', "body_invalid"),
    "a text": (b'"hello"', "body_invalid"),
    "null": (b"null", "body_invalid"),
    "an unknown field": (b'{"text": "hello", "user_id": "bob"}', "body_invalid"),
    "a counter": (b'{"text": "hello", "likes_count": 9}', "body_invalid"),
    "a missing field": (b"{}", "body_invalid"),
    "a number for a text": (b'{"text": 5}', "body_invalid"),
    "null for a text": (b'{"text": null}', "body_invalid"),
    "a list for a text": (b'{"text": ["hello"]}', "body_invalid"),
    "an object for a text": (b'{"text": {}}', "body_invalid"),
    "a key twice": (b'{"text": "hello", "text": "hello"}', "body_invalid"),
    "a key twice, once escaped": (b'{"text": "hello", "\\u0074ext": "hello"}', "body_invalid"),
    "a NUL, escaped": (b'{"text": "a\\u0000b"}', "text_invalid"),
    "a NUL, raw": (b'{"text": "a\x00b"}', "body_invalid"),
    "half a surrogate pair": (b'{"text": "\\ud83d"}', "text_invalid"),
    "the wrong half first": (b'{"text": "\\ude00\\ud83d"}', "text_invalid"),
    "no UTF-8": (b'{"text": "\xff\xfe"}', "body_invalid"),
    "a surrogate in UTF-8": (b'{"text": "\xed\xa0\xbd"}', "body_invalid"),
    "Latin-1": ('{"text": "é"}'.encode("latin-1"), "body_invalid"),
    "UTF-16": ('{"text": "hello"}'.encode("utf-16"), "body_invalid"),
    "a byte order mark": (b'\xef\xbb\xbf{"text": "hello"}', "body_invalid"),
    "NaN": (b'{"text": NaN}', "body_invalid"),
    "a number beyond all": (b'{"text": ' + b"9" * 5000 + b"}", "body_invalid"),
    "a depth bomb": (b'{"text": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "body_invalid"),
    "a depth bomb of objects": (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "body_invalid"),
}


@pytest.mark.parametrize(("body", "slug"), BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_a_body_that_is_not_what_it_should_be_is_refused(
    body: bytes, slug: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/comment"
    headers = JSON if body else {}
    answer = bob.post(path, content=body, headers=headers)
    assert answer.status_code == (415 if slug == "content_type_unsupported" else 400), answer.text
    assert answer.json()["error"]["message"] == slug


# Well-formed objects: whether their names and values fit is PGRST202's or Postgres's to say.
WELL_FORMED = ("an unknown field", "a counter", "a missing field", "null for a text", "empty")


@pytest.mark.parametrize("name", [name for name in BAD_BODIES if name not in WELL_FORMED])
def test_the_supabase_client_is_refused_in_its_own_words(name: str, bob: Person) -> None:
    answer = bob.post("/rest/v1/rpc/update_my_profile", content=BAD_BODIES[name][0], headers=JSON)
    fits_no_function = name.endswith("for a text")
    assert answer.status_code == (404 if fits_no_function else 400), answer.text
    assert set(answer.json()) == {"code", "message", "details", "hint"}
    assert answer.json()["code"] == ("PGRST202" if fits_no_function else "PGRST102")


def test_half_pairs_are_refused_and_whole_ones_are_not(
    bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/comment"
    answer = bob.post(path, content=b'{"text": "\\ud83d\\ude00 \\\\u0000"}', headers=JSON)
    assert answer.status_code == 201
    assert answer.json()["data"]["text"] == "\U0001f600 \\u0000"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/jsonp",
        "",
    ],
)
def test_only_json_is_json(
    content_type: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    body = b'{"text": "hello"}'
    headers = {"content-type": content_type}
    answer = bob.post(f"/api/videos/{make_video(ada)}/comment", content=body, headers=headers)
    assert answer.status_code == 415
    rpc = bob.post("/rest/v1/rpc/feed", content=b'{"page_size": 1}', headers=headers)
    assert (rpc.status_code, rpc.json()["code"]) == (415, "PGRST102")
    uploads = bob.post("/api/uploads", content=b"{}", headers=headers)
    assert uploads.status_code == 415


def test_a_compressed_body_is_not_unpacked(bob: Person, ada: Person, make_video: MakeVideo) -> None:
    bomb = gzip.compress(b'{"text": "' + b"x" * 10_000_000 + b'"}')
    assert len(bomb) < 64 * 1024
    headers = JSON | {"content-encoding": "gzip"}
    answer = bob.post(f"/api/videos/{make_video(ada)}/comment", content=bomb, headers=headers)
    assert answer.status_code == 415


def large() -> bytes:
    return json.dumps({"text": "x" * 64 * 1024}).encode()


def dripped() -> Iterator[bytes]:
    body = large()
    for start in range(0, len(body), 8192):
        yield body[start : start + 8192]


@pytest.mark.parametrize("path", ["/api/videos/{id}/comment", "/api/videos", "/api/uploads"])
def test_a_body_has_64_kilobytes_at_most(
    path: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = path.replace("{id}", make_video(ada))
    whole = bob.post(path, content=large(), headers=JSON)
    assert (whole.status_code, whole.json()["error"]["message"]) == (413, "body_too_large")
    chunked = bob.post(path, content=dripped(), headers=JSON)
    assert (chunked.status_code, chunked.json()["error"]["message"]) == (413, "body_too_large")


def test_a_body_for_a_function_has_64_kilobytes_at_most(bob: Person) -> None:
    for content in (large(), dripped()):
        answer = bob.post("/rest/v1/rpc/feed", content=content, headers=JSON)
        assert answer.status_code == 413
        assert set(answer.json()) == {"code", "message", "details", "hint"}


def test_a_client_that_leaves_in_the_middle_of_a_body_does_no_harm(
    api: Any, nobody: Person, bob: Person
) -> None:
    request = (
        b"POST /api/uploads HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
        b"authorization: %s\r\ncontent-length: 100\r\n\r\n{" % bob.headers["authorization"].encode()
    )
    parts = urlsplit(api.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0)) as line:
        line.sendall(request)
    assert nobody.get("/api/health").status_code == 200
