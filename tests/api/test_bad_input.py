"""Whatever is sent, the answer is a clear 4xx: never a 500, never another handler."""

from __future__ import annotations

import gzip
import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
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


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "'; drop table videos; --", "%00"])
def test_markup_and_sql_are_only_text(
    text: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    answer = bob.post(f"/api/videos/{make_video(ada)}/comment", json={"text": text})
    assert answer.json()["data"]["text"] == text
    assert answer.headers["x-content-type-options"] == "nosniff"


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


@pytest.mark.parametrize("liked", ["true", 1, 0, None, [], {}, "yes"])
def test_a_like_is_true_or_false_and_nothing_like_it(
    liked: Any, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/like"
    answer = bob.post(path, json={"liked": liked})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "body_invalid")


@pytest.mark.parametrize(
    "value", [9**30, 1.5, 1e300, -1, 0, True, None, "5", [], {"a": 1}, 2**31, 2**63]
)
def test_a_number_that_is_none_never_breaks_a_function(value: Any, bob: Person) -> None:
    answer = bob.rpc("feed", page_size=value)
    valid = value == "5" or value is True or value == 2**31 - 1
    assert answer.status_code in ({200, 400} if valid else {400}), answer.text
    assert set(answer.json() if answer.status_code == 400 else {}) in (
        set(),
        {"code", "message", "details", "hint"},
    )


def raw(url: str, request: bytes) -> bytes:
    """Send bytes no client library would."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as line:
        line.sendall(request)
        received = b""
        while chunk := line.recv(65536):
            received += chunk
    return received


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


# The same list through both doors: the routes, and functions as the Supabase client calls them.

Write = Callable[[Person, str, Any], httpx.Response]
COMMENT: dict[str, Write] = {
    "/api": lambda p, v, text: p.post(f"/api/videos/{v}/comment", json={"text": text}),
    "rpc": lambda p, v, text: p.rpc("add_video_comment", video_id=v, text=text),
}
TITLE: dict[str, Write] = {
    "/api": lambda p, v, text: p.patch(f"/api/videos/{v}", json={"title": text}),
    "rpc": lambda p, v, text: p.rpc("update_video", video_id=v, title=text),
}
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
INVISIBLE = {
    "nothing": "",
    "spaces": "   ",
    "line feeds": "\n\n\n",
    "carriage returns": "\r\r",
    "tabs": "\t\t",
    "no-break spaces": "\u00a0\u00a0",
    "an ideographic space": "\u3000",
    "zero-width spaces": "\u200b\u200b",
    "joiners": "\u200d\u200d",
    "marks of direction": "\u200e\u200f",
    "isolates": "\u2066\u2069",
    "a byte order mark": "\ufeff",
    "blank Braille": "\u2800",
    "Hangul fillers": "\u115f\u3164",
}
TOO_LONG = {
    "1001 characters": "x" * 1001,
    "1001 emoji": "\U0001f600" * 1001,
    "1000 families of seven code points": FAMILY * 1000,
    "60 000 characters": "x" * 60_000,
}
TABLES = (
    "public.videos",
    "public.video_likes",
    "public.video_comments",
    "public.user_blocks",
    "private.video_reports",
    "private.upload_tickets",
    "private.media_deletions",
)


class Unchanged:
    """Everything people wrote, as a number that any change changes."""

    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        self._admin = admin
        self._before = self._digest()

    def _digest(self) -> list[Any]:
        return [
            self._admin.execute(
                f"select count(*), sum(hashtextextended(t::text, 0)) from {table} as t"
            ).fetchone()
            for table in TABLES
        ]

    def check(self) -> None:
        assert self._digest() == self._before


DATABASES_WORDS = re.compile(
    r"violates|constraint|relation|column|syntax|Failing row|_pkey|_fkey|_check|PL/pgSQL"
)


def refused_cleanly(answer: httpx.Response, status: int = 400, slug: str | None = None) -> str:
    """It is a typed error, without a word of the database's; gives the slug."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    error = body.get("error", body)
    assert set(error) == {"code", "message", "details", "hint"}
    assert not DATABASES_WORDS.search(answer.text), answer.text
    assert slug in {None, error["message"]}
    return str(error["message"])


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_a_comment_that_nobody_would_see_is_refused_at_both_doors(
    text: str, bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    unchanged = Unchanged(admin)
    slugs = {refused_cleanly(write(bob, video_id, text)) for write in COMMENT.values()}
    assert len(slugs) == 1
    assert slugs <= {"comment_empty", "comment_invalid"}
    unchanged.check()


@pytest.mark.parametrize("text", TOO_LONG.values(), ids=TOO_LONG.keys())
def test_what_is_too_long_is_refused_at_both_doors(
    text: str, bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    unchanged = Unchanged(admin)
    for write in COMMENT.values():
        refused_cleanly(write(bob, video_id, text), slug="comment_too_long")
    for write in TITLE.values():
        refused_cleanly(write(ada, video_id, text), slug="title_too_long")
    unchanged.check()


@pytest.mark.parametrize("door", COMMENT)
@pytest.mark.parametrize(
    "text",
    [
        "'; drop table videos; --",
        '" or 1=1',
        "$$; select 1; $$",
        "%27 or %s %n %d",
        "\\'; \\",
        "\u02bc\uff07 or 1=1",
        "<script>alert(1)</script>",
        "javascript:alert(1)",
        "\u0645\u0631\u062d\u0628\u0627",
        FAMILY,
        "x" * 1000,
        "null",
        "{}",
    ],
)
def test_what_is_only_text_comes_back_as_it_was(
    door: str, text: str, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    answer = COMMENT[door](bob, make_video(ada), text)
    assert answer.is_success, answer.text
    body = answer.json()
    assert body.get("data", body)["text"] == text


def test_an_e_with_an_accent_is_one_letter_at_both_doors(
    bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    for write in COMMENT.values():
        body = write(bob, video_id, "Cafe\u0301").json()
        assert body.get("data", body)["text"] == "Caf\u00e9"


@pytest.mark.parametrize(
    "name",
    ["ab", "x" * 31, "a b", "a/b", "\uff41\uff42\uff43", "\u0430dam", "a\u200bda", "a\u202eda",
     "<b>", "a\n", "a'--", "\u00e4da"],
)  # fmt: skip
def test_a_name_that_could_pass_for_another_is_refused(
    name: str, bob: Person, admin: psycopg.Connection[Any]
) -> None:
    unchanged = Unchanged(admin)
    refused_cleanly(bob.rpc("update_my_profile", username=name), slug="username_invalid")
    unchanged.check()


NOT_THERE = ["unknown", "expired", "hidden", "deleted", "of somebody who blocked us"]


@pytest.fixture
def not_there(
    ada: Person, bob: Person, carol: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> dict[str, str]:
    """Videos that bob cannot see, each for a reason that is nobody's business."""
    hidden, deleted = make_video(ada), make_video(ada)
    admin.execute("select ops.hide_video(%s, 'a test')", [hidden])
    assert ada.delete(f"/api/videos/{deleted}").status_code == 200
    blocked = make_video(carol)
    assert carol.rpc("block_user", user_id=bob.user_id).is_success
    return {
        "unknown": "01900000-0000-7000-8000-000000000000",
        "expired": make_video(ada, age="14 days 1 second"),
        "hidden": hidden,
        "deleted": deleted,
        "of somebody who blocked us": blocked,
    }


AT_A_VIDEO: dict[str, Callable[[Person, str], httpx.Response]] = {
    "GET": lambda p, v: p.get(f"/api/videos/{v}"),
    "PATCH": lambda p, v: p.patch(f"/api/videos/{v}", json={"title": "x"}),
    "DELETE": lambda p, v: p.delete(f"/api/videos/{v}"),
    "like": lambda p, v: p.post(f"/api/videos/{v}/like", json={"liked": True}),
    "view": lambda p, v: p.post(f"/api/videos/{v}/view"),
    "comments": lambda p, v: p.get(f"/api/videos/{v}/comments"),
    "comment": lambda p, v: p.post(f"/api/videos/{v}/comment", json={"text": "x"}),
    "uncomment": lambda p, v: p.delete(
        f"/api/videos/{v}/comments/01900000-0000-7000-8000-000000000000"
    ),
    "rpc like_video": lambda p, v: p.rpc("like_video", video_id=v, liked=True),
    "rpc record_view": lambda p, v: p.rpc("record_view", video_id=v),
    "rpc update_video": lambda p, v: p.rpc("update_video", video_id=v, title="x"),
    "rpc delete_video": lambda p, v: p.rpc("delete_video", video_id=v),
    "rpc add_video_comment": lambda p, v: p.rpc("add_video_comment", video_id=v, text="x"),
    "rpc report_video": lambda p, v: p.rpc("report_video", video_id=v, reason="x"),
    "rpc video_comments_page": lambda p, v: p.rpc("video_comments_page", video_id=v),
}


def test_why_a_video_is_not_there_is_not_to_be_told(
    not_there: dict[str, str], bob: Person, admin: psycopg.Connection[Any]
) -> None:
    unchanged = Unchanged(admin)
    for name, ask in AT_A_VIDEO.items():
        answers = {why: ask(bob, video_id) for why, video_id in not_there.items()}
        told = {answer.text.replace(not_there[why], "ID") for why, answer in answers.items()}
        statuses = {answer.status_code for answer in answers.values()}
        assert len(told) == 1, (name, {why: answer.text for why, answer in answers.items()})
        # An empty page is what there is of nothing; all else is not found.
        assert statuses in ({404}, {200}), name
        assert statuses == {404} or name == "rpc video_comments_page", name
    unchanged.check()


VALUES: list[Any] = [
    9**30, 2**31, 2**63, -1, 1.5, 1e300, True, None, "5", "", "NaN", "infinity", [], [1], {},
    {"a": 1}, "\u0661", "1e3", " 1", "0x10",
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_of_another_kind_is_refused_whatever_it_is_for(
    value: Any, bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    unchanged = Unchanged(admin)
    answers = [
        bob.rpc("get_video", video_id=value),
        bob.rpc("feed", before=value, page_size=1),
        bob.rpc("delete_video", video_id=value),
        bob.rpc("delete_video_comment", video_id=video_id, comment_id=value),
        bob.post(f"/api/videos/{video_id}/like", json={"liked": value if value is not True else 1}),
        bob.post("/api/uploads", json={"purpose": value}),
        bob.post("/api/uploads", json={"bytes": value if value != 2**31 else -1}),
        bob.post("/api/videos", json={"ticket_id": value, "file_id": "x"}),
    ]
    for number, answer in enumerate(answers):
        if value is None and answer.is_success:
            continue
        # null is no video, and its absence a default.
        allowed = {400, 404} if value is None else {400}
        assert answer.status_code in allowed, (number, answer.text)
        refused_cleanly(answer, answer.status_code)
    if value is not None:
        unchanged.check()


@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PROPFIND", "PURGE", "PUT", "LINK", "get", "OPTIONS"]
)
def test_another_method_reaches_no_handler(method: str, bob: Person) -> None:
    for path in ("/api/videos/feed", "/api/uploads", "/rest/v1/rpc/feed", "/api/docs"):
        line = f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        answer = raw(str(bob.http.base_url), line.encode())
        assert answer.split(b" ", 2)[1] in {b"204", b"400", b"405"}, (method, path, answer)
