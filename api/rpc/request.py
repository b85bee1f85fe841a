"""What an RPC request asks for: headers, arguments, and nothing this server would ignore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import msgspec
from litestar.types import HTTPScope

from api import strict_json
from api.catalogue import Function
from api.errors import Failure
from api.http import query_pairs, require_json
from api.rpc import failures
from api.rpc.failures import RarerError
from api.rpc.modifiers import RESERVED, is_operation

Pairs = list[tuple[str, str]]

JSON_TYPES = frozenset(
    {
        "*/*",
        "application/*",
        "application/json",
        "application/vnd.pgrst.array",
        "application/vnd.pgrst.array+json",
    }
)
OBJECT_TYPE = "application/vnd.pgrst.object+json"
OBJECT_TYPES = frozenset({"application/vnd.pgrst.object", OBJECT_TYPE})
# What a PostgREST would answer rather than the JSON that may be named after it.
OTHER_TYPES = frozenset({"text/csv", "application/geo+json", "application/vnd.pgrst.plan+json"})
OTHER_BODIES = frozenset({"text/plain", "text/xml", "application/octet-stream",
    "application/x-www-form-urlencoded", "text/csv"})  # fmt: skip
COUNTS = frozenset({"exact", "planned", "estimated"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the headers say."""

    schema: str
    # Whether the client named the schema: then the answer does too.
    schema_named: bool
    as_object: bool
    count: str | None
    range: str | None

    @property
    def counts(self) -> bool:
        """Tell whether all rows are counted. What a function gives can only be counted exactly."""
        return self.count in {"exact", "estimated"}


@dataclass(frozen=True, slots=True)
class Arguments:
    """The named arguments: their names, and their values as one JSON object."""

    keys: frozenset[str]
    json: bytes
    # Values from a query string are texts in Postgres's own notation.
    as_text: bool


def asked(scope: HTTPScope, schemas: Sequence[str]) -> Asked:
    """Return what the headers ask for, or raise what PostgREST says of them."""
    method = scope["method"]
    profile = b"content-profile" if method == "POST" else b"accept-profile"
    schema: str | None = None
    accepted = b"*/*"
    preferred = b""
    span: str | None = None
    for name, value in scope["headers"]:
        if name == b"accept":
            accepted = value
        elif name == b"prefer":
            preferred = preferred + b"," + value
        elif name == profile:
            schema = value.decode("latin-1").strip()
        elif name == b"range" and method == "GET":
            span = value.decode("latin-1")
    if schema is not None and schema not in schemas:
        raise failures.schema_invalid(schema, schemas)
    count = _count(preferred) if preferred else None
    return Asked(schema or schemas[0], schema is not None, _as_object(accepted), count, span)


@lru_cache(maxsize=256)
def _as_object(accepted: bytes) -> bool:
    """Tell whether a single object is asked for instead of an array."""
    text = accepted.decode("latin-1")
    unavailable = failures.media_type_unavailable(text)
    for entry in text.split(","):
        media_type, _, parameters = entry.strip().lower().partition(";")
        media_type = media_type.strip()
        if "nulls=stripped" in parameters or media_type in OTHER_TYPES:
            raise RarerError(unavailable)
        if media_type in JSON_TYPES:
            return False
        if media_type in OBJECT_TYPES:
            return True
    raise RarerError(unavailable)


@lru_cache(maxsize=256)
def _count(preferred: bytes) -> str | None:
    """Return how rows shall be counted."""
    count: str | None = None
    for part in preferred.decode("latin-1").split(","):
        name, _, value = part.strip().partition("=")
        if name == "count" and value in COUNTS:
            count = count or value
        elif name == "timezone" or (name, value) == ("handling", "strict"):
            raise RarerError(failures.not_served(f"Prefer: {part.strip()[:60]}"))
    return count


def query(scope: HTTPScope) -> Pairs:
    """Return the query string's names and values."""
    try:
        return query_pairs(scope)
    except Failure:
        raise failures.query_invalid() from None


def posted_arguments(scope: HTTPScope, raw: bytes) -> Arguments:
    """Return the arguments of a POST."""
    if not raw.strip():
        return Arguments(frozenset(), b"{}", as_text=False)
    try:
        require_json(scope)
    except Failure:
        failure = failures.content_type_unsupported()
        if _media_type(scope) in OTHER_BODIES:
            raise RarerError(failure) from None
        raise failure from None
    try:
        value = strict_json.parse(raw)
    except Failure as failure:
        raise failures.body_invalid(failure.details) from None
    if isinstance(value, list):
        raise RarerError(failures.body_invalid("The body must be a JSON object."))
    if not isinstance(value, dict):
        raise failures.body_invalid("The body must be a JSON object.")
    return Arguments(frozenset(value), raw, as_text=False)


def queried_arguments(pairs: Pairs, overloads: Sequence[Function]) -> tuple[Arguments, Pairs]:
    """Return the arguments of a GET, and what of the query string is about the result.

    What names an argument is one, even where its value looks like a filter's, unless that comes
    beside a plain one: `?id=1&id=gt.0`.
    """
    known = {argument.name for function in overloads for argument in function.arguments}
    plain = {name for name, value in pairs if not is_operation(value)}
    given: dict[str, str] = {}
    rest: Pairs = []
    for name, value in pairs:
        could_be = name in known and name not in plain and name not in given
        if name in RESERVED or (is_operation(value) and not could_be):
            rest.append((name, value))
        else:
            given[name] = value
    lists = {function.arguments[-1].name for function in overloads if function.is_variadic}
    if lists & given.keys():
        raise RarerError(failures.not_served("A variadic argument in the query string"))
    return Arguments(frozenset(given), msgspec.json.encode(given), as_text=True), rest


def _media_type(scope: HTTPScope) -> str:
    said = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return said.decode("latin-1").partition(";")[0].strip().lower()
