"""PostgREST's own errors, word for word where clients look at them."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from api.catalogue import Function
from api.errors import BAD_TOKEN_CHALLENGE, Failure
from api.identity import BadTokenError

# Of what a client sent, in a message.
MAX_SHOWN = 200


def bad_token(error: BadTokenError) -> Failure:
    """PGRST301 or PGRST303."""
    return Failure(401, error.code, error.reason, None, None, BAD_TOKEN_CHALLENGE)


def method_not_allowed(method: str) -> Failure:
    """PGRST101."""
    message = f"Cannot use the {method} method on RPC"
    return Failure(405, "PGRST101", message, None, None, ((b"allow", b"OPTIONS, GET, HEAD, POST"),))


def body_invalid(details: str | None) -> Failure:
    """PGRST102."""
    return Failure(400, "PGRST102", "Empty or invalid json", details)


def content_type_unsupported() -> Failure:
    """PGRST102, as a 415."""
    details = "The body must be application/json in UTF-8, not compressed."
    return Failure(415, "PGRST102", "Content-Type not acceptable", details)


class RarerError(Exception):
    """What only a PostgREST can answer; without one it is `failure`."""

    def __init__(self, failure: Failure) -> None:
        """Keep what is said where there is none."""
        super().__init__(failure.code)
        self.failure = failure


def not_served(what: str) -> Failure:
    """PGRST127."""
    details = f"{what} is served only where a PostgREST runs beside this API."
    return Failure(400, "PGRST127", "Feature not implemented", details)


def not_parsed(what: str, text: str, at: int) -> Failure:
    """PGRST100, with the place."""
    shown = text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "..."
    message = f'"failed to parse {what} ({shown})" (line 1, column {at + 1})'
    unexpected = f'"{text[at]}"' if at < len(text) else "end of input"
    return Failure(400, "PGRST100", message, f"unexpected {unexpected}")


def range_invalid(details: str, total: int | None = None) -> Failure:
    """PGRST103."""
    headers = () if total is None else ((b"content-range", b"*/%d" % total),)
    message = "Requested range not satisfiable"
    return Failure(416, "PGRST103", message, details, None, headers)


def column_unknown(function: str, column: str) -> Failure:
    """42703, which Postgres would say too; the name is the caller's own."""
    return Failure(400, "42703", f"column {function}.{column[:63]} does not exist")


def type_unknown(name: str) -> Failure:
    """42704."""
    return Failure(400, "42704", f'type "{name[:63]}" does not exist')


def not_one_row(rows: int) -> Failure:
    """PGRST116."""
    message = "Cannot coerce the result to a single JSON object"
    return Failure(406, "PGRST116", message, f"The result contains {rows} rows")


def response_headers_invalid() -> Failure:
    """PGRST111."""
    message = (
        "response.headers guc must be a JSON array composed of objects "
        "with a single key and a string value"
    )
    return Failure(500, "PGRST111", message)


def response_status_invalid() -> Failure:
    """PGRST112."""
    return Failure(500, "PGRST112", "response.status guc must be a valid status code")


def query_invalid() -> Failure:
    """PGRST100."""
    return Failure(400, "PGRST100", "The query string does not parse")


def schema_invalid(schema: str, exposed: Sequence[str]) -> Failure:
    """PGRST106."""
    message = f"Invalid schema: {schema[:63]}"
    hint = f"Only the following schemas are exposed: {', '.join(exposed)}"
    return Failure(406, "PGRST106", message, None, hint)


def media_type_unavailable(accepted: str) -> Failure:
    """PGRST107."""
    return Failure(
        406, "PGRST107", f"None of these media types are available: {accepted[:MAX_SHOWN]}"
    )


def function_not_found(schema: str, name: str, keys: AbstractSet[str], *, posted: bool) -> Failure:
    """PGRST202."""
    listed = ", ".join(sorted(keys))
    called = f"({listed})" if keys else " without parameters"
    several = "s" if len(keys) > 1 else ""
    searched = f" with parameter{several} {listed}" if keys else " without parameters"
    if posted:
        searched += " or with a single unnamed json/jsonb parameter"
    return Failure(
        404,
        "PGRST202",
        f"Could not find the function {schema}.{name}{called} in the schema cache",
        f"Searched for the function {schema}.{name}{searched}, "
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
