"""`limit`, `page` and `before`, as every list of the API takes them."""

from __future__ import annotations

from collections.abc import Mapping

from api.errors import refused
from api.http import uuid

DEFAULT_LIMIT = 10
MAX_LIMIT = 50
MAX_DIGITS = 9  # what fits into an integer whatever the digits are


def limit_of(query: Mapping[str, str]) -> int:
    """Return the page size: 1 to 50, a larger one is 50, anything else is refused."""
    text = query.get("limit")
    if text is None:
        return DEFAULT_LIMIT
    if not _is_count(text):
        raise refused(400, "page_size_invalid", "limit must be a whole number from 1 to 50.")
    significant = text.lstrip("0")
    return MAX_LIMIT if len(significant) > 2 else min(int(significant), MAX_LIMIT)


def page_of(query: Mapping[str, str]) -> int:
    """Return the number of the page, from 1 on."""
    text = query.get("page", "1")
    if not _is_count(text) or len(text) > MAX_DIGITS:
        raise refused(400, "page_invalid", "page must be a whole number from 1 on.")
    return int(text)


def before_of(query: Mapping[str, str]) -> bytes | None:
    """Return the cursor: the id of the last row the client has."""
    text = query.get("before")
    return None if text is None else uuid(text, "before")


def cursor_of(query: Mapping[str, str]) -> bytes | None:
    """Return a cursor that only the database can read."""
    text = query.get("before")
    return None if text is None else text.encode()


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and text.strip("0") != ""
