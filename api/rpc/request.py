"""What an RPC request asks for: headers, arguments, and nothing this server would ignore."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec
from litestar.types import HTTPScope, Receive

from api import strict_json
from api.catalogue import SCHEMA
from api.errors import Failure
from api.http import header, query_pairs, read_body, require_json
from api.rpc import failures

JSON_TYPES = frozenset({"*/*", "application/json", "application/*"})
OBJECT_TYPE = "application/vnd.pgrst.object+json"
MODIFIERS = frozenset({"select", "order", "limit", "offset", "columns", "and", "or", "on_conflict"})
_FILTER = re.compile(
    r"(not\.)?(eq|neq|gte?|lte?|i?like|i?match|in|is|isdistinct|fts|plfts|phfts|wfts|c[sd]|ov|"
    r"s[lr]|nx[lr]|adj)(\(\w+\))?\."
)


@dataclass(frozen=True, slots=True)
class Arguments:
    """The named arguments: their names, and their values as one JSON object."""

    keys: frozenset[str]
    json: bytes
    # Values from a query string are texts in Postgres's own notation.
    as_text: bool


def profile(scope: HTTPScope) -> str | None:
    """Return the schema the client names, or None; only the exposed one exists."""
    wanted = b"content-profile" if scope["method"] == "POST" else b"accept-profile"
    value = header(scope, wanted)
    if value is None:
        return None
    schema = value.decode("latin-1").strip()
    if schema != SCHEMA:
        raise failures.schema_invalid(schema)
    return schema


def wants_object(scope: HTTPScope) -> bool:
    """Tell whether the client asks for a single object instead of an array."""
    accepted = (header(scope, b"accept") or b"*/*").decode("latin-1")
    for entry in accepted.split(","):
        media_type, _, parameters = entry.strip().lower().partition(";")
        if "nulls=stripped" in parameters.replace(" ", ""):
            continue
        if media_type.strip() in JSON_TYPES:
            return False
        if media_type.strip() == OBJECT_TYPE:
            return True
    raise failures.media_type_unavailable(accepted)


def counts_exactly(scope: HTTPScope) -> bool:
    """Tell whether the client asks for the number of rows."""
    preferred = header(scope, b"prefer") or b""
    return b"count=exact" in {part.strip() for part in preferred.split(b",")}


async def posted_arguments(scope: HTTPScope, receive: Receive) -> Arguments:
    """Return the arguments of a POST."""
    for name, value in _query(scope):
        if (name, value) != ("select", "*"):
            raise failures.modifier_unsupported(name)
    raw = await read_body(scope, receive)
    if not raw.strip():
        return Arguments(frozenset(), b"{}", as_text=False)
    try:
        require_json(scope)
    except Failure:
        raise failures.content_type_unsupported() from None
    try:
        value = strict_json.parse(raw)
    except Failure as failure:
        raise failures.body_invalid(failure.details) from None
    if not isinstance(value, dict):
        raise failures.body_invalid("The body must be a JSON object.")
    return Arguments(frozenset(value), raw, as_text=False)


def queried_arguments(scope: HTTPScope, known: frozenset[str]) -> Arguments:
    """Return the arguments of a GET; `known` are the names that some overload takes."""
    given: dict[str, str] = {}
    for name, value in _query(scope):
        if name in known:
            given[name] = value
        elif (name, value) == ("select", "*"):
            continue
        elif name in MODIFIERS or _FILTER.match(value):
            raise failures.modifier_unsupported(name)
        else:
            given[name] = value
    return Arguments(frozenset(given), msgspec.json.encode(given), as_text=True)


def _query(scope: HTTPScope) -> list[tuple[str, str]]:
    try:
        return query_pairs(scope)
    except Failure:
        raise failures.query_invalid() from None
