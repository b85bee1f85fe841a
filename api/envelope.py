"""`{"success": true, "data": ..., "message": "..."}` around bytes that Postgres made."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from api.http import JSON, Answer


def envelope(data: bytes, message: str, extra: bytes = b"") -> bytes:
    """Return the body. `data` and `extra` are JSON already; `message` is a text of ours."""
    return b"".join(
        (
            b'{"success":true,"data":',
            data,
            b',"message":',
            msgspec.json.encode(message),
            extra,
            b"}",
        )
    )


def success(data: bytes | None, message: str, *, status: int = 200) -> Answer:
    """Return an answer."""
    return Answer(status, envelope(data or b"null", message), [JSON])


def page(data: bytes, message: str, path: str, limit: int, cursor: bytes | None) -> Answer:
    """Return a page of a list, with where to go on beside `data` and in a `Link` header.

    `cursor` is that of the last row of a full page; a shorter page is the last one.
    """
    quoted = b"null" if cursor is None else b'"%s"' % cursor
    body = envelope(data, message, b',"next_cursor":' + quoted)
    headers = [JSON]
    if cursor is not None:
        target = b"%s?limit=%d&before=%s" % (quote(path).encode(), limit, cursor)
        headers.append((b"link", b'<%s>; rel="next"' % target))
    return Answer(200, body, headers)
