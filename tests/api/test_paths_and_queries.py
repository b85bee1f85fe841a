"""A path, an id or a query that is not understood reaches no handler."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import MakeVideo
from tests.api.lines import raw
from tests.api.people import Person

BAD_IDS = [
    "nonsense",
    "1",
    "019a8f2e5b007c3e9d520a1b2c3d4e5f",
    "{019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f}",
    "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5",
    "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f0",
    "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5g",
    "%27",
    "null",
    "\u0660\u0661\u0669a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f",
]


@pytest.mark.parametrize("bad", BAD_IDS)
def test_an_id_that_is_no_uuid_is_refused(bad: str, bob: Person) -> None:
    for method, path in (
        ("GET", f"/api/videos/{bad}"),
        ("DELETE", f"/api/videos/{bad}"),
        ("POST", f"/api/videos/{bad}/like"),
        ("GET", f"/api/videos/{bad}/comments"),
        ("GET", f"/api/uploads/{bad}"),
    ):
        answer = bob.send(method, path)
        assert answer.status_code == 400, path
        assert answer.json()["error"]["message"] == "id_invalid"
    feed = bob.get("/api/videos/feed", params={"before": bad})
    assert feed.json()["error"]["message"] == "id_invalid"


def test_an_id_in_capitals_is_the_same_id(bob: Person, ada: Person, make_video: MakeVideo) -> None:
    video_id = make_video(ada)
    assert bob.get(f"/api/videos/{video_id.upper()}").json()["data"]["id"] == video_id


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/api/videos/feed?limit=0", "page_size_invalid"),
        ("/api/videos/feed?limit=-1", "page_size_invalid"),
        ("/api/videos/feed?limit=", "page_size_invalid"),
        ("/api/videos/feed?limit=ten", "page_size_invalid"),
        ("/api/videos/feed?limit=1.5", "page_size_invalid"),
        ("/api/videos/feed?limit=+5", "page_size_invalid"),
        ("/api/videos/feed?limit=1e1", "page_size_invalid"),
        ("/api/videos/feed?limit=%D9%A1", "page_size_invalid"),
        ("/api/videos/feed?limit=1&limit=2", "parameter_repeated"),
        ("/api/videos/feed?page=1", "parameter_unknown"),
        ("/api/videos/feed?order=views", "parameter_unknown"),
        ("/api/videos/feed?limit=%ff", "query_invalid"),
        ("/api/videos/feed?limit=%00", "text_invalid"),
        ("/api/videos/feed?" + "&".join(f"a{n}=1" for n in range(60)), "query_invalid"),
        ("/api/videos/feed?before=infinity", "id_invalid"),
        ("/api/videos/{id}?limit=1", "parameter_unknown"),
        ("/api/videos/{id}/comments?page=0", "page_invalid"),
        ("/api/videos/{id}/comments?page=-1", "page_invalid"),
        ("/api/videos/{id}/comments?page=x", "page_invalid"),
        ("/api/videos/{id}/comments?page=1001", "page_invalid"),
        ("/api/videos/{id}/comments?page=99999999999999999999", "page_invalid"),
        ("/api/videos/{id}/comments?limit=0", "page_size_invalid"),
        ("/api/auth/imagekit?folder=/videos", "parameter_unknown"),
        ("/api/auth/imagekit?bytes=many", "parameter_invalid"),
        ("/api/auth/imagekit?bytes=99999999999999999999", "parameter_invalid"),
        ("/api/auth/imagekit?bytes=0", "bytes_invalid"),
        ("/api/auth/imagekit?purpose=malware", "purpose_invalid"),
        ("/api/auth/imagekit?v=3", "body_invalid"),
        ("/api/auth/imagekit?v=1", "version_unsupported"),
    ],
)
def test_a_query_that_is_not_understood_is_refused(
    path: str, slug: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    answer = bob.get(path.replace("{id}", make_video(ada)))
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["message"] == slug


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/api/videos/%00", b"404"),
        (b"/api/videos/feed%00", b"404"),
        (b"/api//videos/feed", b"404"),
        (b"//api/videos/feed", b"404"),
        (b"/api/videos/feed/", b"404"),
        (b"/api/videos/", b"404"),
        (b"/api/health/", b"404"),
        (b"/api//health", b"404"),
        (b"/api/videos/../health", b"404"),
        (b"/api/videos/./feed", b"404"),
        (b"/api/videos/..%2fhealth", b"404"),
        (b"/API/videos/feed", b"404"),
        (b"/api/videosfeed", b"404"),
        (b"/api/videos/feed/comments", b"404"),
        (b"/rest/v1/rpc/", b"404"),
        (b"/rest/v1/rpc/feed/x", b"404"),
        (b"/rest/v1/rpc/private.viewer_id", b"404"),
        (b"/rest/v1/rpc/%22feed%22", b"404"),
        (b"/", b"404"),
    ],
)
def test_a_strange_path_reaches_no_handler(target: bytes, status: bytes, api: Any) -> None:
    request = b"GET %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n" % target
    answer = raw(api.url, request)
    assert answer.split(b" ", 2)[1] == status, answer
    assert b"application/json" in answer


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "PURGE", "PUT", "LINK", "get"])
def test_another_method_reaches_no_handler(method: str, bob: Person) -> None:
    for path in ("/api/videos/feed", "/api/uploads", "/rest/v1/rpc/feed", "/api/docs"):
        line = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        answer = raw(str(bob.http.base_url), line.encode())
        assert answer.split(b" ", 2)[1] in {b"204", b"400", b"405"}, (method, path, answer)
