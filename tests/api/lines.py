"""Connections on which anything can be said, at any pace."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

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


def raw(url: str, request: bytes) -> bytes:
    """Send bytes no client library would."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as line:
        line.sendall(request)
        received = b""
        while chunk := line.recv(65536):
            received += chunk
    return received


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
