"""PostgREST's own errors, word for word where clients look at them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from api.catalogue import SCHEMA, Function
from api.errors import BAD_TOKEN_CHALLENGE, Failure
from api.identity import BadTokenError


def bad_token(error: BadTokenError) -> Failure:
    """PGRST301 or PGRST303."""
    return Failure(401, error.code, error.reason, None, None, BAD_TOKEN_CHALLENGE)


def method_not_allowed(method: str) -> Failure:
    """PGRST101."""
    message = f"Cannot use the {method} method on RPC"
    return Failure(405, "PGRST101", message, None, None, ((b"allow", b"GET, HEAD, POST"),))


def body_invalid(details: str | None) -> Failure:
    """PGRST102."""
    return Failure(400, "PGRST102", "Empty or invalid json", details)


def content_type_unsupported() -> Failure:
    """PGRST102, as a 415."""
    details = "The body must be application/json in UTF-8, not compressed."
    return Failure(415, "PGRST102", "Content-Type not acceptable", details)


def modifier_unsupported(name: str) -> Failure:
    """PGRST100."""
    message = f'The query parameter "{name[:40]}" is not supported here'
    details = "Results of functions cannot be selected, filtered, ordered or limited here."
    return Failure(400, "PGRST100", message, details, "Pass what the function itself takes.")


def query_invalid() -> Failure:
    """PGRST100."""
    return Failure(400, "PGRST100", "The query string does not parse")


def schema_invalid(schema: str) -> Failure:
    """PGRST106."""
    message = f"Invalid schema: {schema[:63]}"
    hint = f"Only the following schemas are exposed: {SCHEMA}"
    return Failure(406, "PGRST106", message, None, hint)


def media_type_unavailable(accepted: str) -> Failure:
    """PGRST107."""
    return Failure(406, "PGRST107", f"None of these media types are available: {accepted[:200]}")


def function_not_found(name: str, keys: AbstractSet[str]) -> Failure:
    """PGRST202."""
    listed = ", ".join(sorted(keys))
    called = f"({listed})" if keys else " without parameters"
    with_parameters = f" with parameter(s) {listed}" if keys else " without parameters"
    return Failure(
        404,
        "PGRST202",
        f"Could not find the function {SCHEMA}.{name}{called} in the schema cache",
        f"Searched for the function {SCHEMA}.{name}{with_parameters}, "
        "but no matches were found in the schema cache.",
    )


def function_ambiguous(candidates: Sequence[Function]) -> Failure:
    """PGRST203."""
    listed = ", ".join(candidate.signature() for candidate in candidates)
    return Failure(
        300,
        "PGRST203",
        f"Could not choose the best candidate function between: {listed}",
        None,
        "Try renaming the parameters or the function itself in the database "
        "so function overloading can be resolved",
    )


def path_not_found() -> Failure:
    """PGRST125."""
    return Failure(404, "PGRST125", "Invalid path specified in request URL")
