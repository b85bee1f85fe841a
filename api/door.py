"""The outermost layer: what every request gets, whatever answers it.

A request id, security headers, one line in the log, and paths in one spelling only.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from api.errors import Headers, Surface, body_too_slow, not_found
from api.http import BODY_WITHIN_S, header
from api.metrics import RequestMetrics
from api.mount import failed
from api.notes import SCOPE_KEY, Notes
from api.startup import StartOutcome

NO_STORE = (b"cache-control", b"no-store, private")

_USABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("api.access")


class Door:
    """Wraps the application."""

    def __init__(
        self, app: ASGIApp, start: StartOutcome, metrics: RequestMetrics, hsts_seconds: int
    ) -> None:
        """Stand in front of `app`, whose start writes its outcome to `start`."""
        self.app = app
        self.start = start
        self._metrics = metrics
        hsts = b"max-age=%d; includeSubDomains" % hsts_seconds
        self._security: Headers = ((b"strict-transport-security", hsts),) if hsts_seconds else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP requests get the treatment."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, self._plain_refusal(send))
            return
        http_scope = scope
        root_path = http_scope.get("root_path") or ""
        path = http_scope["path"].removeprefix(root_path)
        notes = Notes(_request_id(http_scope), path)
        seen = _Seen(send, notes, self._security)
        started = time.perf_counter()
        try:
            await self._serve(_prepared(http_scope, notes), _Patience(receive), seen.send)
        finally:
            elapsed_s = time.perf_counter() - started
            # Nothing was sent: the client had left.
            status = 499 if seen.status is None else seen.status
            self._metrics.count(notes.route, http_scope["method"], status, elapsed_s)
            _write_line(http_scope, notes, status, elapsed_s)

    def _plain_refusal(self, send: Send) -> Send:
        """Say why the start was refused instead of where: a traceback helps no operator."""

        async def said(message: Any) -> None:
            if message["type"] == "lifespan.startup.failed" and self.start.refusal:
                message = {**message, "message": self.start.refusal}
            await send(message)

        return said

    async def _serve(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        # One spelling of each path: what `//` or a slash at the end would mean is nobody's guess.
        if "//" in path or "\0" in path or (path.endswith("/") and path != "/"):
            surface = Surface.of(path)
            await failed(not_found(), surface, anonymous=True).send(send)
            return
        await self.app(scope, receive, send)


class _Seen:
    """Notices the status on its way out and adds the headers that every answer has."""

    def __init__(self, send: Send, notes: Notes, security: Headers) -> None:
        self._send = send
        self._notes = notes
        self._security = security
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = list(message.get("headers", ()))
            # Another `vary` adds to the first; any other header has one meaning.
            said = {name for name, _ in own} - {b"vary"}
            wanted = [*everywhere(self._notes.request_id), *self._security]
            if self._notes.role == "authenticated" or self.status == 401:
                wanted.append(NO_STORE)
            own.extend(header for header in wanted if header[0] not in said)
            message["headers"] = own
        await self._send(message)


class _Patience:
    """Receives a body for as long as one may take, and whatever comes after it for ever."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._deadline: float | None = None
        self._whole = False

    async def __call__(self) -> Any:
        if self._whole:
            return await self._receive()
        loop = asyncio.get_running_loop()
        if self._deadline is None:
            self._deadline = loop.time() + BODY_WITHIN_S
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise body_too_slow() from None
        self._whole = message["type"] != "http.request" or not message.get("more_body")
        return message


def everywhere(request_id: str) -> Headers:
    """Return the headers that every answer has."""
    return (
        (b"x-request-id", request_id.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-frame-options", b"DENY"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        # The same path answers the anonymous and the signed-in differently.
        (b"vary", b"Authorization, apikey"),
    )


def new_request_id() -> str:
    """Make one for a request that brought none we could write into a log."""
    return uuid.uuid4().hex


def _prepared(scope: HTTPScope, notes: Notes) -> HTTPScope:
    """Return the scope as the routes see it: with the notes, and HEAD asked as GET on `/api`.

    It is a copy: the server looks at its own to leave out the body of an answer to HEAD.
    """
    prepared: dict[str, Any] = {**scope, SCOPE_KEY: notes}
    if scope["method"] == "HEAD" and Surface.of(notes.path) is Surface.API:
        prepared["method"] = "GET"
    return cast("HTTPScope", prepared)


def _request_id(scope: HTTPScope) -> str:
    given = header(scope, b"x-request-id")
    if given is not None and _USABLE_ID.fullmatch(given):
        return given.decode()
    return new_request_id()


def _write_line(scope: HTTPScope, notes: Notes, status: int, elapsed_s: float) -> None:
    if not _log.isEnabledFor(logging.INFO):
        return
    fields = {
        "method": scope["method"],
        "route": notes.route or "-",
        "status": status,
        "ms": round(elapsed_s * 1000, 1),
        "request_id": notes.request_id,
        "role": notes.role or "-",
    }
    _log.info("request", extra={"fields": fields})
