"""What never becomes a request: heads of any size, clients that take for ever, bodies without end.

And what every answer carries, whoever gives it.
"""

from __future__ import annotations

import json
import re
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from api import door, server
from dev.stack.tokens import project_key, user_token
from tests.api.conftest import MakeVideo
from tests.api.people import Person, send_file
from tests.api.serving import environment, process, served

GET = b"GET /api/health HTTP/1.1\r\nhost: localhost\r\n"
POST = b"POST /api/uploads HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"


class Line:
    """A connection on which anything can be said, at any pace."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)
        self.opened = time.monotonic()

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def rest(self) -> bytes:
        """Return all that comes until the other side hangs up."""
        received = b""
        try:
            while chunk := self.socket.recv(65536):
                received += chunk
        except ConnectionResetError:
            pass
        return received

    def age(self) -> float:
        return time.monotonic() - self.opened

    def is_open(self) -> bool:
        self.socket.settimeout(0.01)
        try:
            return self.socket.recv(65536) != b""
        except TimeoutError:
            return True
        except ConnectionResetError:
            return False
        finally:
            self.socket.settimeout(20)


OpenLine = Callable[[str], Line]


@pytest.fixture
def open_line() -> Iterator[OpenLine]:
    """Open connections that are closed at the end."""
    lines: list[Line] = []

    def opened(url: str) -> Line:
        lines.append(Line(url))
        return lines[-1]

    yield opened
    for line in lines:
        line.socket.close()


@pytest.fixture
def line(open_line: OpenLine, api: Any) -> Line:
    return open_line(api.url)


def refused(answer: bytes, status: int, slug: str) -> None:
    """It is an answer like any other."""
    head, _, body = answer.partition(b"\r\n\r\n")
    status_line, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    assert status_line.startswith(f"HTTP/1.1 {status} "), answer
    assert json.loads(body)["error"]["message"] == slug
    assert headers["content-type"].startswith("application/json")
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]
    assert headers["connection"] == "close"


BIG_HEADS = {
    "a long header": GET + b"x: " + b"y" * 40_000 + b"\r\n\r\n",
    "a long name": GET + b"y" * 40_000 + b": x\r\n\r\n",
    "a long path": b"GET /" + b"y" * 40_000 + b" HTTP/1.1\r\nhost: x\r\n\r\n",
    "many headers": GET + b"".join(b"x%d: y\r\n" % n for n in range(1000)) + b"\r\n",
    "a hundred and one headers": GET + b"".join(b"x%d: y\r\n" % n for n in range(100)) + b"\r\n",
    "a header that does not end": GET + b"x: " + b"y" * 40_000,
    "a body with it": POST + b"x: " + b"y" * 40_000 + b"\r\ncontent-length: 9\r\n\r\n{}       ",
}


@pytest.mark.parametrize("head", BIG_HEADS.values(), ids=BIG_HEADS.keys())
def test_a_head_has_32_kilobytes_at_most(head: bytes, line: Line) -> None:
    line.say(head)
    refused(line.rest(), 431, "headers_too_large")


def test_a_head_that_is_large_enough_is_none_too_large(line: Line) -> None:
    line.say(GET + b"x: " + b"y" * 30_000 + b"\r\n")
    line.say(b"connection: close\r\n\r\n")
    assert line.rest().startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "bytes_sent",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100, b"hello\r\n\r\n", b"\0" * 50],
    ids=["TLS", "no HTTP", "zeros"],
)
def test_what_is_no_http_is_told_so(bytes_sent: bytes, line: Line) -> None:
    line.say(bytes_sent)
    refused(line.rest(), 400, "request_malformed")


SMUGGLED = {
    "two lengths": b"content-length: 2\r\ncontent-length: 20\r\n\r\n{}",
    "a length and chunks": b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "a length that is none": b"content-length: -1\r\n\r\n",
    "a folded header": b"x: y\r\n z: w\r\n\tq\r\ncontent-length: 0\r\n\r\n",
    "a NUL in a header": b"x: a\0b\r\n\r\n",
}


@pytest.mark.parametrize("rest", SMUGGLED.values(), ids=SMUGGLED.keys())
def test_a_request_that_two_servers_read_differently_is_none(rest: bytes, line: Line) -> None:
    line.say(POST + rest)
    answer = line.rest()
    assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 ")), answer
    assert answer.count(b"HTTP/1.1 ") == 1


def test_two_requests_at_once_get_two_answers(line: Line) -> None:
    line.say(GET + b"\r\n" + GET + b"connection: close\r\n\r\n")
    assert line.rest().count(b"HTTP/1.1 200 ") == 2


def test_a_head_that_drips_in_is_given_up(
    monkeypatch: pytest.MonkeyPatch, open_line: OpenLine, api: Any
) -> None:
    monkeypatch.setattr(server, "HEAD_WITHIN_S", 0.5)
    line = open_line(api.url)
    line.say(GET + b"x: ")
    while line.age() < 0.4:
        line.say(b"y")
        time.sleep(0.05)
    refused(line.rest(), 408, "request_too_slow")
    assert line.age() < 1.5


@pytest.mark.parametrize("said", [b"", GET, b"\r\n"], ids=["nothing", "half a head", "a blank"])
def test_a_client_that_says_no_more_is_let_go(
    said: bytes, monkeypatch: pytest.MonkeyPatch, open_line: OpenLine, api: Any
) -> None:
    monkeypatch.setattr(server, "HEAD_WITHIN_S", 0.3)
    line = open_line(api.url)
    line.say(said)
    answer = line.rest()
    assert line.age() < 2
    if said:
        refused(answer, 408, "request_too_slow")
    else:
        assert answer == b""


def test_a_connection_kept_alive_is_no_place_to_stay(
    monkeypatch: pytest.MonkeyPatch, open_line: OpenLine, api: Any
) -> None:
    """A blank line between two requests stops uvicorn's clock; ours goes on."""
    monkeypatch.setattr(server, "HEAD_WITHIN_S", 0.3)
    line = open_line(api.url)
    line.say(GET + b"\r\n")
    assert line.socket.recv(65536).startswith(b"HTTP/1.1 200 ")
    line.say(b"\r\n")
    line.rest()
    assert line.age() < 2


@pytest.mark.parametrize("target", [b"/api/uploads", b"/rest/v1/rpc/feed", b"/api/videos"])
def test_a_body_that_drips_in_is_given_up(
    target: bytes, monkeypatch: pytest.MonkeyPatch, open_line: OpenLine, api: Any
) -> None:
    monkeypatch.setattr(door, "BODY_WITHIN_S", 0.4)
    token = user_token("ada", api.jwt_secret).encode()
    line = open_line(api.url)
    line.say(POST.replace(b"/api/uploads", target) + b"authorization: Bearer " + token + b"\r\n")
    line.say(b"content-length: 60000\r\n\r\n{")
    answer = b""
    while line.age() < 3 and not answer:
        line.say(b" ")
        time.sleep(0.05)
        line.socket.settimeout(0.01)
        try:
            answer = line.socket.recv(65536)
        except TimeoutError:
            continue
    assert line.age() < 2
    assert answer.startswith(b"HTTP/1.1 408 "), answer
    assert b"body_too_slow" in answer
    assert b"connection: close" in answer.lower()


def test_who_goes_on_sending_after_the_answer_is_cut_off(
    monkeypatch: pytest.MonkeyPatch, open_line: OpenLine, api: Any
) -> None:
    monkeypatch.setattr(server, "MESSAGE_WITHIN_S", 0.5)
    line = open_line(api.url)
    line.say(POST + b"content-length: 60000\r\n\r\n{")
    assert line.socket.recv(65536).startswith(b"HTTP/1.1 401 ")
    while line.is_open():
        assert line.age() < 3
        try:
            line.say(b" ")
        except OSError:
            break
        time.sleep(0.05)


def resident_kilobytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1])


@pytest.mark.slow
def test_memory_stays_flat_whatever_is_thrown_at_it(
    api_environment: dict[str, str], open_line: OpenLine, api: Any
) -> None:
    token = user_token("ada", api.jwt_secret).encode()
    authorization = b"authorization: Bearer " + token + b"\r\n"

    def endless(begin: bytes, piece: bytes, pieces: int) -> None:
        line = open_line(url)
        line.say(begin)
        try:
            for _ in range(pieces):
                line.say(piece)
        except OSError:
            return

    megabyte = b"x" * 2**20
    chunk = b"100000\r\n" + megabyte + b"\r\n"
    with process(api_environment) as (running, url):
        for _ in range(50):
            httpx.get(f"{url}/api/videos/feed")
        before = resident_kilobytes(running.pid)
        for path in (b"/api/uploads", b"/api/videos", b"/rest/v1/rpc/feed"):
            post = POST.replace(b"/api/uploads", path) + authorization
            endless(post + b"content-length: 104857600\r\n\r\n", megabyte, 100)
            endless(post + b"transfer-encoding: chunked\r\n\r\n", chunk, 100)
            endless(POST + b"content-length: 104857600\r\n\r\n", megabyte, 100)
        endless(GET + b"x: ", megabyte, 100)
        endless(b"GET /", megabyte, 100)
        loris = [open_line(url) for _ in range(300)]
        for line in loris:
            line.say(GET)
        answered = httpx.get(f"{url}/api/videos/feed", timeout=5)
        assert answered.status_code == 200
        assert resident_kilobytes(running.pid) - before < 30_000
        deadline = time.monotonic() + server.HEAD_WITHIN_S + 5
        while loris:
            assert time.monotonic() < deadline
            loris = [line for line in loris if line.is_open()]


SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
}
ASKED: dict[str, Callable[[Person, str], httpx.Response]] = {
    "health": lambda p, _: p.get("/api/health"),
    "feed": lambda p, _: p.get("/api/videos/feed"),
    "one video": lambda p, v: p.get(f"/api/videos/{v}"),
    "comments": lambda p, v: p.get(f"/api/videos/{v}/comments"),
    "like": lambda p, v: p.post(f"/api/videos/{v}/like"),
    "an upload": lambda p, _: p.post("/api/uploads", json={}),
    "nothing": lambda p, _: p.get("/nothing"),
    "a wrong method": lambda p, _: p.send("PUT", "/api/health"),
    "a bad body": lambda p, v: p.post(f"/api/videos/{v}/comment", content=b"{"),
    "a function": lambda p, _: p.rpc("feed"),
    "a function that is not": lambda p, _: p.rpc("nowhere"),
    "one's profile": lambda p, _: p.rpc("my_profile"),
    "the document": lambda p, _: p.get("/api/openapi.json"),
    "the page": lambda p, _: p.get("/api/docs"),
    "a bad token": lambda p, _: p.get(
        "/api/videos/feed", headers={"authorization": "Bearer forged"}
    ),
    "two slashes": lambda p, _: p.get("/api//health"),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_every_answer_says_what_browsers_may_not_do(
    ask: Callable[[Person, str], httpx.Response],
    ada: Person,
    nobody: Person,
    make_video: MakeVideo,
) -> None:
    video_id = make_video(ada)
    for who in (ada, nobody):
        answer = ask(who, video_id)
        found = {name: answer.headers.get(name) for name in SECURITY_HEADERS}
        assert found == SECURITY_HEADERS
        policies = answer.headers.get_list("content-security-policy")
        assert len(policies) == 1
        assert policies[0].startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in policies[0]
        assert "script" not in policies[0]
        assert "strict-transport-security" not in answer.headers
        assert "authorization" in answer.headers["vary"].lower()
        personal = answer.status_code == 401 or (who is ada and "/rest/v1/" in str(answer.url))
        if personal:
            assert "no-store" in answer.headers["cache-control"]


def test_what_is_for_one_person_is_never_kept(ada: Person, make_video: MakeVideo) -> None:
    video_id = make_video(ada)
    answers = [
        ada.get("/api/videos/feed"),
        ada.get(f"/api/videos/{video_id}"),
        ada.get("/api/videos/nonsense"),
        ada.get("/api/videos/00000000-0000-7000-8000-000000000000"),
        ada.get("/api/auth/imagekit"),
        ada.post("/api/uploads", json={"bytes": -1}),
        ada.rpc("my_profile"),
        ada.rpc("nowhere"),
    ]
    kept = [a.url for a in answers if "no-store" not in a.headers.get("cache-control", "")]
    assert kept == []


def test_behind_tls_browsers_are_told_to_stay_there(api_environment: dict[str, str]) -> None:
    with served(api_environment | {"HSTS_SECONDS": "31536000"}) as url:
        told = httpx.get(f"{url}/api/health").headers["strict-transport-security"]
    assert told == "max-age=31536000; includeSubDomains"


def test_no_secret_is_in_an_answer_or_a_log_and_each_answers_id_is(
    database: Any, imagekit: Any, make_video: MakeVideo, ada: Person, open_line: OpenLine
) -> None:
    """A whole run, with every secret known: calls that work, that are refused, that break."""
    jwt_secret, webhook_secret = secrets.token_urlsafe(40), f"whsec_{secrets.token_hex(16)}"
    given = environment(
        database,
        imagekit,
        jwt_secret,
        IMAGEKIT_WEBHOOK_SECRET=webhook_secret,
        SUPABASE_SERVICE_ROLE_KEY=project_key("service_role", jwt_secret),
    )
    token = user_token("ada-of-the-secrets", jwt_secret)
    passwords = [
        str(conninfo_to_dict(given[f"API_DATABASE_URL_{name}"])["password"])
        for name in ("ANON", "USER", "MEDIA")
    ]
    known = {
        "the secret of tokens": jwt_secret,
        "the key of ImageKit": imagekit.private_key,
        "the secret of webhooks": webhook_secret,
        "the service key": given["SUPABASE_SERVICE_ROLE_KEY"],
        "a user's token": token,
        "a text somebody wrote": "a very private comment",
        **{f"password {number}": password for number, password in enumerate(passwords)},
    }
    video_id = make_video(ada)
    headers = {"authorization": f"Bearer {token}"}
    answers: list[httpx.Response] = []
    with process(given) as (started, url), httpx.Client(base_url=url, headers=headers) as http:
        comment = {"text": known["a text somebody wrote"]}
        opened = http.post("/api/uploads", json={})
        file = send_file(opened.json()["data"], "sample.mp4")
        answers += [
            opened,
            http.get("/api/docs"),
            http.get("/api/openapi.json"),
            http.get("/api/auth/imagekit"),
            http.post("/api/videos", json=file.body),
            http.post("/api/videos", json={"ticket_id": file.ticket_id, "file_id": "other"}),
            http.post(f"/api/videos/{video_id}/like"),
            http.post("/api/webhooks/imagekit", content=b"{}"),
            http.post("/rest/v1/rpc/feed", content=b"{"),
            http.post("/rest/v1/rpc/nowhere", json={"token": "x"}),
            http.get(f"/api/videos/feed?token={quote(known['the service key'])}"),
            http.get("/api/videos/feed", headers={"apikey": "x", "authorization": "Bearer x"}),
            http.get("/rest/v1/rpc/my_profile"),
            http.get("/api/nowhere", headers={"x-request-id": "trace-7"}),
            http.get("/api/health", headers={"x-request-id": f"a{'b' * 70}"}),
        ]
        posted = http.post(f"/api/videos/{video_id}/comment", json=comment)
        assert posted.status_code == 201
        told = http.get("/api/videos/feed", headers={"authorization": f"Bearer {jwt_secret}"})
        answers.append(told)
        with pytest.raises(httpx.TransportError):
            http.get("/api/videos/feed", headers={"host": "x", "bad header": "x"}, timeout=0.0001)
        line = open_line(url)
        line.say(b"GET / HTTP/1.1\r\nauthorization: Bearer " + token.encode() + b"\r\n\0\r\n\r\n")
        raw = line.rest().decode()
        started.send_signal(signal.SIGTERM)
        log, _ = started.communicate(timeout=30)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    logged = {line["request_id"] for line in lines if line["message"] == "request"}
    assert logged >= {answer.headers["x-request-id"] for answer in answers} | {"trace-7"}
    for name, secret in known.items():
        assert secret not in log, name
        assert secret not in raw, name
        for answer in answers:
            assert secret not in answer.text, (name, answer.url)
            assert secret not in str(answer.headers), (name, answer.url)
