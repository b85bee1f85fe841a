"""The answers ImageKit gives when it does not do what was asked."""

from __future__ import annotations

from typing import Any

HELP = "For support kindly contact us at support@imagekit.io ."


class Refusal(Exception):  # noqa: N818 - not a fault but an answer
    """An error answer: a status and a body with ``message``, ``help`` and perhaps more."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        """Refuse with ``message``; ``more`` are further keys of the body."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.more = more

    def body(self) -> dict[str, Any]:
        """The JSON the client reads."""
        return {**self.more, "message": self.message, "help": HELP}


def bad_request(message: str, **more: Any) -> Refusal:
    """A 400, by far the most common refusal of the upload API."""
    return Refusal(400, message, **more)


def missing(parameter: str) -> Refusal:
    """A parameter that the request had to carry."""
    return bad_request(f"Your request is missing {parameter} parameter.")


def invalid(parameter: str) -> Refusal:
    """A parameter that makes no sense."""
    return bad_request(f"Your request contains invalid {parameter} parameter.")
