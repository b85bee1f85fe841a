"""What a request's log line will say, noted by whoever knows it while the request is served."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, cast

SCOPE_KEY = "api.notes"


@dataclass(slots=True)
class Notes:
    """Facts about one request. Never its body, its query or its token."""

    request_id: str
    # The path as the client sent it; what routes downstream may rewrite.
    path: str
    route: str | None = None
    role: str | None = None


def notes_of(scope: Any) -> Notes:
    """Return the notes of the request this scope belongs to."""
    return cast("Notes", cast("MutableMapping[str, Any]", scope)[SCOPE_KEY])
