"""The few pieces of HTTP that the mounted routes need, on plain ASGI."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.types import HTTPScope, Receive, Send

from api import strict_json
from api.errors import Failure, refused

T = TypeVar("T")

MAX_BODY_BYTES = 64 * 1024
# Long enough for 64 KB from a phone at the edge of the network.
BODY_WITHIN_S = 30.0
MAX_QUERY_PARAMETERS = 50
JSON = (b"content-type", b"application/json; charset=utf-8")
# A call shorter than this is not worth watching: most end before a client could leave.
WATCH_AFTER_S = 0.25

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(slots=True)
class Answer:
    """A complete response."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [JSON])

    async def send(self, send: Send) -> None:
        """Send it."""
        headers = [*self.headers]
        if self.status != 204:
            headers.append((b"content-length", b"%d" % len(self.body)))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


def header(scope: HTTPScope, name: bytes) -> bytes | None:
    """Return the first header of this (lower-case) name."""
    return next((value for known, value in scope["headers"] if known == name), None)


async def read_body(scope: HTTPScope, receive: Receive) -> bytes:
    """Return the whole body; refuse it as soon as it is known to be too large."""
    declared = header(scope, b"content-length")
    if declared is not None and declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk = message["body"]  # type: ignore[typeddict-item]
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)


async def read_object(scope: HTTPScope, receive: Receive, *, required: bool) -> dict[str, Any]:
    """Return the JSON object in the body; an absent one is `{}` where it is not required."""
    raw = await read_body(scope, receive)
    if not raw and not required:
        return {}
    require_json(scope)
    value = strict_json.parse(raw)
    if not isinstance(value, dict):
        raise refused(400, "body_invalid", "The body must be a JSON object.")
    return value


def require_json(scope: HTTPScope) -> None:
    """Refuse a body that does not say it is plain JSON."""
    said = (header(scope, b"content-type") or b"").decode("latin-1").lower()
    media_type, _, parameters = said.partition(";")
    charset = parameters.strip()
    encoded = header(scope, b"content-encoding") not in {None, b"identity"}
    if (
        media_type.strip() != "application/json"
        or charset not in {"", "charset=utf-8", 'charset="utf-8"'}
        or encoded
    ):
        details = "The body must be application/json in UTF-8, not compressed."
        raise refused(415, "content_type_unsupported", details)


def shaped(value: dict[str, Any], shape: type[T]) -> T:
    """Return `value` as `shape`; unknown fields and wrong types are a 400."""
    try:
        return msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError as error:
        raise refused(400, "body_invalid", f"{error}.") from None


def query_pairs(scope: HTTPScope) -> list[tuple[str, str]]:
    """Return the query string's names and values in order."""
    raw = scope["query_string"]
    if not raw:
        return []
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_QUERY_PARAMETERS,
        )
    except ValueError:
        raise refused(400, "query_invalid", "The query string is not valid.") from None
    return [(strict_json.check_text(name), strict_json.check_text(value)) for name, value in pairs]


def query(scope: HTTPScope, known: frozenset[str]) -> dict[str, str]:
    """Return the query parameters, each at most once and none that the route does not know."""
    values: dict[str, str] = {}
    for name, value in query_pairs(scope):
        if name not in known:
            details = f"This route has no parameter {name[:40]!r}."
            raise refused(400, "parameter_unknown", details)
        if name in values:
            raise refused(400, "parameter_repeated", f"The parameter {name!r} is given twice.")
        values[name] = value
    return values


def uuid(text: str, name: str) -> bytes:
    """Return a UUID in its one canonical form, as a statement's parameter."""
    if not _UUID.fullmatch(text):
        raise refused(400, "id_invalid", f"{name} must be a UUID.")
    return text.lower().encode()


def idempotency_key(scope: HTTPScope) -> bytes | None:
    """Return the request's own id from `Idempotency-Key`, or None; quotes around it are allowed.

    The draft standard wants a quoted string, and most clients send it bare.
    """
    given = [value for known, value in scope["headers"] if known == b"idempotency-key"]
    if not given:
        return None
    bare = given[0]
    if len(bare) > 2 and bare.startswith(b'"') and bare.endswith(b'"'):
        bare = bare[1:-1]
    key = bare.decode("latin-1")
    if len(given) > 1 or not _UUID.fullmatch(key):
        details = "Idempotency-Key must be one UUID of your making."
        raise refused(400, "idempotency_key_invalid", details)
    return key.lower().encode()


class ClientGoneError(Exception):
    """Nobody is waiting for the answer any more."""


async def while_client_waits(receive: Receive, work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`; when the client leaves, cancel it and raise `ClientGoneError`.

    Only for requests whose body has been read: the next message can then be nothing but goodbye.
    """
    loop = asyncio.get_running_loop()
    working = asyncio.current_task()
    gone = False
    watcher: asyncio.Task[None] | None = None

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        if working is not None:
            working.cancel()

    def begin() -> None:
        nonlocal watcher
        watcher = loop.create_task(watch())

    timer = loop.call_later(WATCH_AFTER_S, begin)
    try:
        return await work()
    except asyncio.CancelledError:
        if gone:
            raise ClientGoneError from None
        raise
    finally:
        timer.cancel()
        if watcher is not None:
            watcher.cancel()


def _too_large() -> Failure:
    return refused(413, "body_too_large", f"A body may have {MAX_BODY_BYTES // 1024} KB at most.")
