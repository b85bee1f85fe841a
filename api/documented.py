"""What the OpenAPI document says about a route; kept beside the route itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

Who = Literal["all", "user"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Documented:
    """One route as a caller sees it."""

    method: str
    path: str
    summary: str
    who: Who = "all"
    status: int = 200
    # The whole body of a success, as an example.
    example: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    # Names in the path that stand for any text; all others stand for a UUID.
    texts: frozenset[str] = frozenset()
    bodies: tuple[type[msgspec.Struct], ...] = ()
    body_required: bool = True
    # Takes `Idempotency-Key`: what was asked with the same one before is not done again.
    idempotent_by_key: bool = False
    # Further successes: status to description.
    also: Mapping[int, str] = field(default_factory=dict)
    # Status to the slugs that come with it, besides what every route can answer.
    errors: Mapping[int, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


def answered(data: Any, message: str, **beside: Any) -> dict[str, Any]:
    """Return an example of a success in the envelope."""
    return {"success": True, "data": data, "message": message, **beside}
