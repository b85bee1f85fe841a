"""JSON as a request may send it: UTF-8, no duplicate keys, nothing Postgres could not keep."""

from __future__ import annotations

import json
from typing import Any

from api.errors import Failure, refused

Json = Any


def parse(raw: bytes) -> Json:
    """Return the value, or raise a 400 that names what is wrong."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise _invalid("The body is not valid UTF-8.") from None
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except Failure:
        raise
    except RecursionError:
        raise _invalid("The body is nested too deeply.") from None
    except ValueError:
        raise _invalid("The body is not valid JSON.") from None
    if "\\u" in text:
        # Only an escape can bring in what the decoding above has not refused already.
        _refuse_unstorable(value)
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _invalid("An object names a key twice.")
    return value


def _constant(_: str) -> None:
    raise _invalid("NaN and Infinity are not JSON.")


def _refuse_unstorable(value: Json) -> None:
    """Refuse NUL and half surrogate pairs anywhere in `value`, keys included."""
    left: list[Json] = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            left.extend(item.keys())
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
        elif isinstance(item, str):
            check_text(item)


def check_text(text: str) -> str:
    """Return `text`, or raise a 400 when Postgres cannot hold it."""
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise _invalid("A text contains a NUL byte or half a surrogate pair.", "text_invalid")
    return text


def _invalid(details: str, slug: str = "body_invalid") -> Failure:
    return refused(400, slug, details)
