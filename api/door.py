"""The outermost layer: what every request gets, whatever answers it.

A request id, security headers, one line in the log, and paths in one spelling only.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from api.errors import Surface, not_found
from api.http import header
from api.mount import failed
from api.notes import SCOPE_KEY, Notes
from api.startup import StartOutcome

_USABLE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_log = logging.getLogger("api.access")


class Door:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, start: StartOutcome) -> None:
        """Stand in front of `app`, whose start writes its outcome to `start`."""
        self.app = app
        self.start = start

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; only HTTP requests get the treatment."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, self._plain_refusal(send))
            return
        http_scope = scope
        root_path = http_scope.get("root_path") or ""
        path = http_scope["path"].removeprefix(root_path)
        notes = Notes(_request_id(http_scope), path)
        seen = _Seen(send, notes)
        started = time.perf_counter()
        try:
            await self._serve(_prepared(http_scope, notes), receive, seen.send)
        finally:
            elapsed_ms = (time.perf_counter() - started) * 1000
            _write_line(http_scope, notes, seen.status, elapsed_ms)

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

    def __init__(self, send: Send, notes: Notes) -> None:
        self._send = send
        self._notes = notes
        self.status: int | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *message.get("headers", ()),
                (b"x-request-id", self._notes.request_id.encode()),
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"no-referrer"),
                # The same path answers the anonymous and the signed-in differently.
                (b"vary", b"Authorization"),
            ]
        await self._send(message)


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
    return uuid.uuid4().hex


def _write_line(scope: HTTPScope, notes: Notes, status: int | None, elapsed_ms: float) -> None:
    if not _log.isEnabledFor(logging.INFO):
        return
    fields = {
        "method": scope["method"],
        "route": notes.route or "-",
        # Nothing was sent: the client had left.
        "status": 499 if status is None else status,
        "ms": round(elapsed_ms, 1),
        "request_id": notes.request_id,
        "role": notes.role or "-",
    }
    _log.info("request", extra={"fields": fields})
