"""Paths, methods, headers and the log: what every answer has in common."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import httpx
import pytest

from api.logs import JsonLines
from tests.api.conftest import MakeVideo
from tests.api.people import Person
from tests.api.serving import served
from tests.api.test_contract import failed


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "/api/videos/feed", {"GET"}),
        ("POST", "/api/videos/feed", {"GET"}),
        ("PUT", "/api/videos/trending", {"GET"}),
        ("POST", "/api/videos/liked", {"GET"}),
        ("POST", "/api/users/feed/videos", {"GET"}),
        ("GET", "/api/videos", {"POST"}),
        ("PUT", "/api/videos/{id}", {"GET", "PATCH", "DELETE"}),
        ("GET", "/api/videos/{id}/like", {"POST"}),
        ("DELETE", "/api/videos/{id}/comments", {"GET"}),
        ("GET", "/api/videos/{id}/comments/{id}", {"DELETE"}),
        ("GET", "/api/videos/{id}/view", {"POST"}),
        ("DELETE", "/api/health", {"GET", "OPTIONS"}),
        ("PUT", "/api/uploads", {"POST", "OPTIONS"}),
        ("POST", "/api/auth/imagekit", {"GET", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    method: str, path: str, allow: set[str], ada: Person, make_video: MakeVideo
) -> None:
    answer = ada.send(method, path.replace("{id}", make_video(ada)))
    failed(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == allow


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/users",
        "/api/users/ada",
        "/api/users/ada/videos/more",
        "/api/videos/feed/more",
        "/rest",
        "/x",
    ],
)
def test_an_unknown_path_is_not_found_in_the_envelope(path: str, nobody: Person) -> None:
    failed(nobody.get(path), 404, "route_not_found")


@pytest.mark.parametrize("path", ["/rest/v1", "/rest/v1/videos/x", "/rest/v1/rpc"])
def test_an_unknown_path_of_the_other_dialect_is_not_found_in_its_own(
    path: str, nobody: Person
) -> None:
    answer = nobody.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"code", "message", "details", "hint"}


def test_head_is_get_without_a_body(nobody: Person, ada: Person, make_video: MakeVideo) -> None:
    for path in ("/api/health", "/api/videos/feed", f"/api/videos/{make_video(ada)}"):
        head, get = nobody.send("HEAD", path), nobody.get(path)
        assert head.status_code == 200
        assert head.content == b""
        assert head.headers["content-length"] == str(len(get.content))
    assert nobody.send("HEAD", "/api/videos/nonsense").status_code == 400


@pytest.mark.parametrize("path", ["/api/health", "/api/videos/feed", "/rest/v1/rpc/feed", "/nope"])
def test_every_answer_has_a_request_id_and_is_not_sniffed(path: str, nobody: Person) -> None:
    first, second = nobody.get(path), nobody.get(path)
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
    assert first.headers["x-content-type-options"] == "nosniff"
    assert "server" not in first.headers or "uvicorn" in first.headers["server"]


def test_a_request_id_is_kept_when_it_can_be(nobody: Person) -> None:
    kept = nobody.get("/api/health", headers={"x-request-id": "trace-42.a_b"})
    assert kept.headers["x-request-id"] == "trace-42.a_b"
    for unusable in ("x" * 65, "a b", "<script>"):
        answer = nobody.get("/api/health", headers={"x-request-id": unusable})
        assert answer.headers["x-request-id"] != unusable


# Browsers of the origins in the settings may call, no others.


@pytest.fixture(scope="module")
def url_with_cors(api_environment: dict[str, str]) -> Any:
    with served(api_environment | {"CORS_ORIGINS": "https://app.example"}) as url:
        yield url


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/uploads"),
        ("POST", "/rest/v1/rpc/feed"),
        ("PUT", "/api/profile/avatar"),
        ("DELETE", "/api/profile"),
    ],
)
def test_an_allowed_origin_is_let_in(method: str, path: str, url_with_cors: str) -> None:
    preflight = httpx.options(
        url_with_cors + path,
        headers={
            "origin": "https://app.example",
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,apikey,content-type,x-client-info,"
            "idempotency-key",
        },
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "https://app.example"
    assert method in preflight.headers["access-control-allow-methods"].split(", ")
    allowed = set(preflight.headers["access-control-allow-headers"].lower().split(", "))
    assert {"accept-profile", "content-profile", "prefer", "range", "x-retry-count"} <= allowed
    answer = httpx.get(url_with_cors + path, headers={"origin": "https://app.example"})
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    exposed = answer.headers["access-control-expose-headers"].lower()
    assert {"content-range", "link", "x-request-id", "retry-after"} <= set(exposed.split(", "))
    assert {"Origin", "Authorization"} <= set(answer.headers["vary"].split(", "))


def test_any_other_origin_is_not(url_with_cors: str, nobody: Person) -> None:
    origin = {"origin": "https://evil.example"}
    for answer in (
        httpx.get(f"{url_with_cors}/api/videos/feed", headers=origin),
        nobody.get("/api/videos/feed", headers=origin),
        httpx.options(
            f"{url_with_cors}/api/videos/feed",
            headers=origin | {"access-control-request-method": "GET"},
        ),
    ):
        assert "access-control-allow-origin" not in answer.headers


def access_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log's lines about requests, as they are printed."""
    return [JsonLines().format(record) for record in caplog.records if record.name == "api.access"]


def test_the_log_has_a_line_for_each_request_and_no_secret(
    ada: Person, make_video: MakeVideo, caplog: pytest.LogCaptureFixture
) -> None:
    video_id = make_video(ada)
    log = logging.getLogger("api")
    log.addHandler(caplog.handler)
    try:
        answer = ada.post(f"/api/videos/{video_id}/comment?", json={"text": "between you and me"})
        ada.get("/api/videos/feed?limit=3")
        ada.get("/api/nowhere")
        ada.get("/api/uploads/00000000-0000-7000-8000-000000000000")
        deadline = time.monotonic() + 5
        while len(access_lines(caplog)) < 4 and time.monotonic() < deadline:
            # A line is written when its answer has gone.
            time.sleep(0.01)
    finally:
        log.removeHandler(caplog.handler)
    written = access_lines(caplog)
    lines = [json.loads(line) for line in written]
    assert [(line["method"], line["route"], line["status"], line["role"]) for line in lines] == [
        ("POST", "/api/videos/{id}/comment", 201, "authenticated"),
        ("GET", "/api/videos/feed", 200, "authenticated"),
        ("GET", "-", 404, "-"),
        ("GET", "/api/uploads/{ticket_id}", 404, "authenticated"),
    ]
    assert lines[0]["request_id"] == answer.headers["x-request-id"]
    assert all(line["ms"] > 0 for line in lines)
    for secret in ("between you and me", ada.headers["authorization"][7:], video_id, "limit=3"):
        assert not any(secret in line for line in written)
