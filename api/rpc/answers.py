"""From what the statement gave to an answer."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from api.catalogue import Function
from api.database import Row
from api.http import Answer
from api.rpc import failures, ranges
from api.rpc.ranges import Window
from api.rpc.request import OBJECT_TYPE, Asked

JSON = (b"content-type", b"application/json; charset=utf-8")
OBJECT = (b"content-type", f"{OBJECT_TYPE}; charset=utf-8".encode())
WITH_TOTAL = 5
WITHOUT_BODY = frozenset({204, 304})

_Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]+\Z")]
_Value = Annotated[str, msgspec.Meta(pattern=r"^[ -~]*\Z")]
# How long a body is, is not a function's to say.
_FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection"})
_STATUS = re.compile(rb"[2-5][0-9]{2}")
_decode_headers = msgspec.json.Decoder(list[dict[_Name, _Value]]).decode


def rows_of(row: Row) -> int:
    """Return how many rows are in the answer."""
    return int(row[1] or b"0")


def answer(function: Function, row: Row, asked: Asked, window: Window) -> Answer:
    """Return the answer to a call that succeeded."""
    offset = window.offset
    rows = rows_of(row) if function.returns_set else 1
    total: int | None = None
    if asked.counts:
        total = rows if len(row) < WITH_TOTAL else int(row[4] or b"0")
    ranges.check_offset(offset, total)
    status = ranges.status(rows, total)
    headers = [(b"content-range", ranges.content_range(offset, rows, total))]
    if asked.schema_named:
        headers.append((b"content-profile", asked.schema.encode()))
    if asked.count is not None:
        headers.append((b"preference-applied", b"count=" + asked.count.encode()))
    if function.returns_void:
        status = 204
    else:
        headers.append(OBJECT if asked.as_object else JSON)
    if row[2] is not None or row[3] is not None:
        status, headers = _as_said(row[2], row[3], status, headers)
    return Answer(status, b"" if status in WITHOUT_BODY else row[0] or b"", headers)


def _as_said(
    status_said: bytes | None,
    headers_said: bytes | None,
    status: int,
    headers: list[tuple[bytes, bytes]],
) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Return status and headers as the function itself wants them."""
    own: list[tuple[bytes, bytes]] = []
    if headers_said is not None:
        try:
            said = _decode_headers(headers_said)
        except msgspec.DecodeError:
            raise failures.response_headers_invalid() from None
        for entry in said:
            own.extend((name.lower().encode(), value.encode()) for name, value in entry.items())
        if any(len(entry) != 1 for entry in said) or _FRAMING & {name for name, _ in own}:
            raise failures.response_headers_invalid()
    if status_said is not None:
        if _STATUS.fullmatch(status_said) is None:
            raise failures.response_status_invalid()
        status = int(status_said)
    names = {name for name, _ in own}
    return status, [*(header for header in headers if header[0] not in names), *own]
