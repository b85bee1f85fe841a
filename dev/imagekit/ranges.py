"""Which bytes of a file a request wants (RFC 9110, section 14)."""

from __future__ import annotations

import re

RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


class UnsatisfiableRangeError(Exception):
    """The range begins behind the end of the file."""


def requested_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a Range header, or None when the whole file is wanted.

    Several ranges at once, other units and nonsense are ignored, as the standard allows.
    """
    match = RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        # The last so many bytes.
        length = min(int(last), size)
        if length == 0:
            raise UnsatisfiableRangeError
        return size - length, size - 1
    start, end = int(first), int(last) if last else size - 1
    if last and end < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError
    return start, min(end, size - 1)
