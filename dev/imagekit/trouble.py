"""The middleware that lets the faults happen."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import unquote

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from dev.imagekit.faults import Faults
from dev.imagekit.refusal import HELP

CONTROL_PLANE = "/_standin"
RATE_INTERVAL_MS = 1000


class TroubleMaker(ASGIMiddleware):
    """Counts each call and does to it what the control plane has ordered."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, faults: Faults) -> None:
        """Take the orders from ``faults``."""
        self._faults = faults

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Answer with a fault, or let the request through."""
        # Mounted applications are told a shorter path; this one is always whole.
        path = unquote(scope["raw_path"].decode("latin-1"))
        if scope["type"] != ScopeType.HTTP or path.startswith(CONTROL_PLANE):
            await next_app(scope, receive, send)
            return
        method = str(scope["method"])
        # Delivery is mounted, and a mount has no template: its account stands for all of it.
        template = scope["path_template"] or f"/{path.split('/')[1]}"
        self._faults.calls[f"{method} {template}"] += 1
        fault = self._faults.take(method, path)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.drop:
            if fault.drop == "after":
                await next_app(scope, receive, _swallow)
            await _drop_connection(send)
        elif fault and fault.status:
            headers = _rate_headers(1, fault.reset_ms) if fault.status == 429 else {}
            body = {"message": "A fault on demand.", "help": HELP, **fault.body}
            await _answer(send, fault.status, body, headers)
        elif wait := self._rate_exceeded(method, path):
            headers = _rate_headers(*wait)
            body = {"message": "You have sent too many requests.", "help": HELP}
            await _answer(send, 429, body, headers)
        else:
            await next_app(scope, receive, send)

    def _rate_exceeded(self, method: str, path: str) -> tuple[int, int] | None:
        # Uploads and delivery are not counted, as documented.
        return self._faults.milliseconds_to_wait(method) if path.startswith("/v1/") else None


def _rate_headers(limit: int, reset_ms: int) -> dict[str, str]:
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-reset": str(reset_ms),
        "x-ratelimit-interval": str(RATE_INTERVAL_MS),
    }


async def _answer(send: Send, status: int, body: dict[str, Any], headers: dict[str, str]) -> None:
    content = json.dumps(body).encode()
    headers |= {"content-type": "application/json", "content-length": str(len(content))}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": content, "more_body": False})


async def _swallow(message: Message) -> None:
    """Send nothing: the client is to know nothing of what was done."""


async def _drop_connection(send: Send) -> None:
    """Promise a body and never send it, at which the server closes the connection."""
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]}
    )
