"""How anything that goes wrong is told: one body, a fitting status, no text of the database.

A `Failure` carries `code`, `message`, `details` and `hint`. Under `/api` it goes out inside the
envelope, under `/rest/v1` bare, as PostgREST does. `code` is an SQLSTATE (`PT404` is ours for HTTP
404) or a PostgREST code; `message` is a stable slug that an app may compare with.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

Headers = Sequence[tuple[bytes, bytes]]

CHALLENGE: Headers = ((b"www-authenticate", b"Bearer"),)
BAD_TOKEN_CHALLENGE: Headers = ((b"www-authenticate", b'Bearer error="invalid_token"'),)
RETRY_SOON: Headers = ((b"retry-after", b"1"),)
RETRY_LATER: Headers = ((b"retry-after", b"10"),)


class Surface(Enum):
    """Which of the two dialects a path speaks."""

    API = "/api"
    REST = "/rest/v1"

    @classmethod
    def of(cls, path: str) -> Surface:
        """Tell from the path; everything that is not PostgREST's answers in the envelope."""
        inside = path == cls.REST.value or path.startswith(cls.REST.value + "/")
        return cls.REST if inside else cls.API


class Failure(Exception):  # noqa: N818 - it is an answer
    """An answer that is not a success."""

    def __init__(  # noqa: PLR0917 - the four fields in the order they are always told
        self,
        status: int,
        code: str,
        message: str,
        details: str | None = None,
        hint: str | None = None,
        headers: Headers = (),
    ) -> None:
        """Take what the caller will see; nothing here may come from a row or a constraint."""
        super().__init__(code, message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.hint = hint
        self.headers = headers

    def body(self, surface: Surface) -> bytes:
        """Return the JSON for this surface."""
        error = {
            "code": self.code,
            "message": self.message,
            "details": self.details,
            "hint": self.hint,
        }
        if surface is Surface.REST:
            return msgspec.json.encode(error)
        said = self.details or self.message
        return msgspec.json.encode({"success": False, "message": said, "error": error})


def refused(status: int, slug: str, details: str, hint: str | None = None) -> Failure:
    """Return a failure of the layer's own, in the form the database's functions use."""
    return Failure(status, f"PT{status}", slug, details, hint)


def sign_in_required() -> Failure:
    """Return the answer to a call that needs a user and has none."""
    return Failure(
        401, "PT401", "sign_in_required", "This needs a signed-in user.", None, CHALLENGE
    )


def invalid_token() -> Failure:
    """Return the one answer to every unusable token, so that it tells a forger nothing."""
    details = "The access token is not valid or has expired."
    return Failure(401, "PT401", "invalid_token", details, None, BAD_TOKEN_CHALLENGE)


def keys_unavailable() -> Failure:
    """Return the answer to a token that can be neither believed nor refused just now."""
    details = "Access tokens cannot be checked right now. Try again in a moment."
    return Failure(503, "PT503", "keys_unavailable", details, None, RETRY_LATER)


def service_role_not_served() -> Failure:
    """Return the answer to a service key, which should never have come this way."""
    details = "Service keys are not served here. Never put one into an app."
    return refused(403, "service_role_not_served", details, "Use the key where it was made for.")


def not_found() -> Failure:
    """Return the answer to a path that does not exist."""
    return refused(404, "route_not_found", "There is nothing at this path.")


def body_too_slow() -> Failure:
    """Return the answer to a body that drips in; the connection ends with it."""
    failure = refused(408, "body_too_slow", "The body took too long to arrive.")
    failure.headers = ((b"connection", b"close"),)
    return failure


def method_not_allowed(allow: str) -> Failure:
    """Return the answer to a path that exists for other methods."""
    failure = refused(405, "method_not_allowed", f"This path answers to {allow}.")
    failure.headers = ((b"allow", allow.encode()),)
    return failure


def busy() -> Failure:
    """Return the answer when every connection is taken and the queue is full."""
    details = "The server is busy. Try again in a moment."
    return Failure(503, "PT503", "busy", details, None, RETRY_SOON)


def unavailable() -> Failure:
    """Return the answer when the database cannot be reached."""
    details = "The database cannot be reached. Try again in a moment."
    return Failure(503, "PT503", "unavailable", details, None, RETRY_SOON)


def internal() -> Failure:
    """Return the answer to what should not happen; the log has the rest."""
    return refused(500, "internal_error", "Something went wrong on our side.")
