"""Which rows of a result are asked for, and how an answer says which it has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from api.rpc import failures

NEGATIVE = "Limit should be greater than or equal to zero."
UPSIDE_DOWN = (
    "The lower boundary must be lower than or equal to the upper boundary in the Range header."
)
_NUMBER = re.compile(r"-?[0-9]+", re.ASCII)
_HEADER = re.compile(r"([0-9]+)-([0-9]*)", re.ASCII)
# Of Postgres's bigint.
_FARTHEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Window:
    """The rows from `offset` on, `limit` at most or all."""

    limit: int | None
    offset: int

    def values(self, max_rows: int) -> tuple[bytes, bytes]:
        """Return the parameters of the statement's `limit` and `offset`."""
        limit = max_rows if self.limit is None else min(self.limit, max_rows)
        return b"%d" % limit, b"%d" % min(self.offset, _FARTHEST)


EVERYTHING = Window(None, 0)


def window(pairs: list[tuple[str, str]], header: str | None) -> Window:
    """Return what `limit`, `offset` and a `Range` header have in common."""
    limit: int | None = None
    offset = 0
    for name, value in pairs:
        if name == "limit":
            limit = _number(name, value)
        elif name == "offset":
            offset = _number(name, value)
    if limit is not None and limit < 0:
        raise failures.range_invalid(NEGATIVE)
    if offset < 0:
        raise failures.not_parsed("offset", str(offset), 0)
    spanned = _HEADER.fullmatch(header) if header is not None else None
    if spanned is None or limit == 0:
        return Window(limit, offset) if offset or limit is not None else EVERYTHING
    first = int(spanned[1])
    last = int(spanned[2]) if spanned[2] else None
    if last is not None and last < first:
        raise failures.range_invalid(UPSIDE_DOWN)
    begin = max(first, offset)
    ends = [last + 1] if last is not None else []
    if limit is not None:
        ends.append(offset + limit)
    if not ends:
        return Window(None, begin)
    if min(ends) <= begin:
        raise failures.range_invalid(NEGATIVE)
    return Window(min(ends) - begin, begin)


def content_range(offset: int, rows: int, total: int | None) -> bytes:
    """Return the header's value."""
    span = b"%d-%d" % (offset, offset + rows - 1) if rows and total != 0 else b"*"
    return span + (b"/*" if total is None else b"/%d" % total)


def status(rows: int, total: int | None) -> int:
    """Return 206 for what is known to be a part."""
    return 200 if total is None or rows >= total else 206


def check_offset(offset: int, total: int | None) -> None:
    """Refuse an offset that is known to be beyond the last row."""
    if total is not None and offset > total:
        details = f"An offset of {offset} was requested, but there are only {total} rows."
        raise failures.range_invalid(details, total)


def _number(name: str, value: str) -> int:
    if _NUMBER.fullmatch(value) is None or len(value) > 40:
        raise failures.not_parsed(name, value, 0)
    return int(value)
