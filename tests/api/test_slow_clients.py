"""Clients that take for ever and bodies without end are let go, and cost no memory."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import door, server
from dev.stack.tokens import user_token
from tests.api.lines import GET, POST, OpenLine, refused
from tests.api.serving import process


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
