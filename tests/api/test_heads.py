"""What never becomes a request: heads of any size, and what is no HTTP."""

from __future__ import annotations

import pytest

from tests.api.lines import GET, POST, Line, refused

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
