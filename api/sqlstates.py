"""From an SQLSTATE to an answer. What our functions raise passes; Postgres's own texts never do."""

from __future__ import annotations

import re
from typing import Annotated

import msgspec

from api.database import QueryError
from api.errors import CHALLENGE, RETRY_SOON, Failure, Surface

# PostgREST's table (versions 14 to 16), so that both doors and a Supabase project agree.
_STATUS_BY_STATE = {
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "53400": 500,
    "57P01": 503,
    "P0001": 400,
}
_STATUS_BY_CLASS = {
    "08": 503,
    "09": 500,
    "0L": 403,
    "0P": 403,
    "21": 500,
    "25": 500,
    "28": 403,
    "2D": 500,
    "38": 500,
    "39": 500,
    "3B": 500,
    "40": 500,
    "53": 503,
    "54": 500,
    "55": 500,
    "57": 500,
    "58": 500,
    "F0": 500,
    "HV": 500,
    "P0": 500,
    "XX": 500,
}

# Our words for Postgres's own errors: its texts name constraints, columns and values.
_WORDS_BY_STATE = {
    "23503": ("reference_not_found", "Something this refers to does not exist."),
    "23505": ("already_exists", "This exists already."),
    "25006": ("read_only", "This method may not change anything. Use POST."),
    "42501": ("permission_denied", "You may not do this."),
    "42703": ("column_not_found", "There is no column of this name."),
    "42P01": ("relation_not_found", "There is no table or view of this name."),
    "42883": ("function_not_found", "There is no function or operator of these types."),
    "57014": ("timed_out", "This took too long and was stopped."),
}
_WORDS_BY_CLASS = {
    "08": ("unavailable", "The database cannot be reached. Try again in a moment."),
    "22": ("value_invalid", "A value has the wrong form or is out of range."),
    "23": ("value_refused", "A value breaks a rule of the data."),
    "53": ("unavailable", "The database has no room for this now. Try again in a moment."),
    "57": ("unavailable", "The database is restarting. Try again in a moment."),
}
_OTHER_REFUSAL = ("request_refused", "The database refused this.")
_OTHER_FAULT = ("internal_error", "Something went wrong on our side.")

_HeaderName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]+\Z")]
_HeaderValue = Annotated[str, msgspec.Meta(pattern=r"^[ -~]*\Z")]

# The SQLSTATE of an error that says itself what the answer is, headers and all.
WHOLE_ANSWER = "PGRST"


class _Words(msgspec.Struct):
    """The text of such an error: the body of the answer."""

    code: str
    message: str
    details: str | None = None
    hint: str | None = None


class _Frame(msgspec.Struct):
    """Its detail: what stands around the body."""

    status: Annotated[int, msgspec.Meta(ge=200, le=599)]
    headers: dict[_HeaderName, _HeaderValue]


_BADLY_WRITTEN = """Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error"""
_MESSAGE_HINT = (
    "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' "
    "and optional keys: 'details', 'hint'."
)
_DETAIL_HINT = (
    "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' "
    "and optional key: 'status_text'."
)

# Of a function that has given up its own session's role.
_NO_SUCH_ROLE = re.compile(r"role .* does not exist", re.DOTALL)
# What pg_safeupdate says.
_WITHOUT_WHERE = "requires a WHERE clause"


def failure_of(error: QueryError, surface: Surface, *, anonymous: bool) -> Failure:
    """Return the answer for an error of a statement that ran as a caller of this `surface`."""
    state = error.sqlstate
    if state == WHOLE_ANSWER:
        return _whole_answer(error, surface)
    status = status_of(state, surface, anonymous=anonymous, message=error.message)
    headers = CHALLENGE if status == 401 else RETRY_SOON if status in {429, 503} else ()
    raised_on_purpose = state.startswith("PT") or (state == "P0001" and surface is Surface.REST)
    if raised_on_purpose:
        return Failure(status, state, error.message, error.detail, error.hint, headers)
    fallback = _OTHER_FAULT if status >= 500 else _OTHER_REFUSAL
    words = _WORDS_BY_STATE.get(state) or _WORDS_BY_CLASS.get(state[:2]) or fallback
    return Failure(status, state, words[0], words[1], None, headers)


def status_of(state: str, surface: Surface, *, anonymous: bool, message: str = "") -> int:
    """Return the HTTP status for an SQLSTATE; of two the message decides."""
    if state.startswith("PT"):
        named = state[2:]
        return int(named) if named.isdigit() and 200 <= int(named) <= 599 else 500
    if state == "42501":
        return 401 if anonymous else 403
    if state == "57014":
        # PostgREST says 500; on our own routes a time limit is said as one.
        return 504 if surface is Surface.API else 500
    if state == "21000" and message.endswith(_WITHOUT_WHERE):
        return 400
    if state == "22023" and _NO_SUCH_ROLE.fullmatch(message):
        return 401
    return _STATUS_BY_STATE.get(state) or _STATUS_BY_CLASS.get(state[:2], 400)


def _whole_answer(error: QueryError, surface: Surface) -> Failure:
    """Return the answer a function of ours has written itself, as PostgREST reads it."""
    try:
        words = msgspec.json.decode(error.message, type=_Words)
    except msgspec.DecodeError:
        said = f"Invalid JSON value for MESSAGE: '{error.message}'"
        return _badly_written(surface, said, _MESSAGE_HINT)
    if error.detail is None:
        return _badly_written(surface, "DETAIL is missing in the RAISE statement", _DETAIL_HINT)
    try:
        frame = msgspec.json.decode(error.detail, type=_Frame)
    except msgspec.DecodeError:
        said = f"Invalid JSON value for DETAIL: '{error.detail}'"
        return _badly_written(surface, said, _DETAIL_HINT)
    headers = [(name.lower().encode(), value.encode()) for name, value in frame.headers.items()]
    return Failure(frame.status, words.code, words.message, words.details, words.hint, headers)


def _badly_written(surface: Surface, details: str, hint: str) -> Failure:
    if surface is Surface.API:
        return Failure(500, "PGRST121", *_OTHER_FAULT)
    return Failure(500, "PGRST121", _BADLY_WRITTEN, details, hint)
