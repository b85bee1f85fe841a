"""The HTTP server: uvicorn, which on its own waits for ever and takes headers of any size.

What never becomes a request is refused here, in the same words and with the same headers as all
else. How large a body may be is the application's business (`api.http`).
"""

from __future__ import annotations

import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.door import everywhere, new_request_id
from api.errors import Failure, Surface, refused
from api.http import BODY_WITHIN_S, JSON
from api.realtime.limits import MAX_MESSAGE_BYTES, STALLED_S

# How long requests may take to finish after SIGTERM; longer than any statement may run.
DRAIN_S = 20

# A token of 8 KB and all that clients and proxies add.
MAX_HEAD_BYTES = 32 * 1024
MAX_HEADERS = 100
HEAD_WITHIN_S = 10.0
# Past the application's own limit, so that a slow client is told before the line goes dead.
MESSAGE_WITHIN_S = BODY_WITHIN_S + 10.0
# What lies in a socket's buffer when the server goes.
GOODBYE_WITHIN_S = 2.0

_REASONS = {400: b"Bad Request", 408: b"Request Timeout", 431: b"Request Header Fields Too Large"}


class GuardedProtocol(HttpToolsProtocol):
    """One connection, with an eye on how much comes before a request begins, and how slowly."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Begin before the first request."""
        super().__init__(*arguments, **options)
        self._head_bytes = 0
        self._in_head = True
        self._refused = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, but not for ever."""
        super().connection_made(transport)
        self._expect(HEAD_WITHIN_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._expect_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, unless it was refused already or is too much for a head."""
        if self._refused:
            return
        if self._in_head:
            self._head_bytes += len(data)
            if self._timer is None:
                self._expect(HEAD_WITHIN_S)
        super().data_received(data)
        # The parser keeps a header to itself until it is whole.
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self._refuse(_head_too_large())

    def on_headers_complete(self) -> None:
        """Begin the request, if its head is of a size."""
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > MAX_HEAD_BYTES or len(self.headers) > MAX_HEADERS:
            self._refuse(_head_too_large())
        if self._refused:
            return
        self._in_head = False
        self._expect(MESSAGE_WITHIN_S)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand a piece of the body on."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect the next request: between two, uvicorn's own timer runs."""
        if self._refused:
            return
        self._in_head = True
        self._head_bytes = 0
        self._expect_nothing()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Let the socket's own protocol go on, if the request was not refused."""
        if not self._refused:
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP; `msg` is uvicorn's word for it."""
        self._refuse(refused(400, "request_malformed", msg))

    def _expect(self, seconds: float) -> None:
        self._expect_nothing()
        self._timer = self.loop.call_later(seconds, self._too_slow)

    def _expect_nothing(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        self._timer = None
        if self._in_head and self._head_bytes:
            self._refuse(refused(408, "request_too_slow", "The request took too long to arrive."))
        else:
            # Nothing was asked, or an answer is under way: there is nothing left to say.
            self._refused = True
            self.transport.close()

    def _refuse(self, failure: Failure) -> None:
        if self._refused:
            return
        self._refused = True
        self._expect_nothing()
        if self.transport.is_closing():
            return
        body = failure.body(Surface.API)
        headers = [JSON, *everywhere(new_request_id()), (b"connection", b"close")]
        lines = [b"HTTP/1.1 %d %s" % (failure.status, _REASONS[failure.status])]
        lines += [b"%s: %s" % header for header in headers]
        lines += [b"content-length: %d" % len(body), b"", body]
        self.transport.write(b"\r\n".join(lines))
        self.transport.close()


class GuardedSocket(WebSocketsSansIOProtocol):
    """A WebSocket that does not wait for ever for somebody who reads nothing.

    What is written and not taken lies in the line's buffer, and closing waits until it is empty:
    only aborting ends that.
    """

    _timer: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """The line is full: give the client a moment to read."""
        super().pause_writing()
        self._abort_in(STALLED_S)

    def resume_writing(self) -> None:
        """It has read."""
        self._stop_waiting()
        super().resume_writing()

    def shutdown(self) -> None:
        """Say goodbye (1012: the service restarts), and go."""
        super().shutdown()
        self._abort_in(GOODBYE_WITHIN_S)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _abort_in(self, seconds: float) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(seconds, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _head_too_large() -> Failure:
    details = f"The headers may have {MAX_HEAD_BYTES // 1024} KB and be {MAX_HEADERS} at most."
    return refused(431, "headers_too_large", details)


def server_config(app: Any, **where: Any) -> uvicorn.Config:
    """Return how the application is served, wherever that is."""
    return uvicorn.Config(
        app,
        http=GuardedProtocol,
        ws=GuardedSocket,
        ws_max_size=MAX_MESSAGE_BYTES,
        # Small texts, each once for everybody: packing them costs more than it saves.
        ws_per_message_deflate=False,
        # Which proxies to believe is TRUSTED_PROXIES's business alone.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=DRAIN_S,
        **where,
    )
