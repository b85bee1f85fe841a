"""`/realtime/v1/websocket`: who may open a line, and what the process needs to serve it."""

from __future__ import annotations

import logging
import time
from typing import Any
from urllib.parse import parse_qsl

from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from api.database import BusyError, QueryError, UnavailableError
from api.errors import (
    Failure,
    Surface,
    invalid_token,
    keys_unavailable,
    not_found,
    refused,
    service_role_not_served,
)
from api.http import JSON, Answer
from api.identity import BadTokenError, Identity, ServiceKeyError
from api.keys import KeysUnavailableError
from api.listener import Listener
from api.realtime.frames import Version
from api.realtime.hub import Hub
from api.realtime.limits import MAX_SOCKETS
from api.realtime.permissions import Permissions
from api.realtime.socket import Socket
from api.services import Services

PATH = "/realtime/v1/websocket"
CHANNEL = "realtime"
# The local surface's own function: a hosted project has none, and serves its own sockets.
_SURFACE = "select (to_regprocedure('realtime.may_listen(text)') is not null)::text"

_log = logging.getLogger("api.realtime")
_access = logging.getLogger("api.access")


class RealtimeMissingError(Exception):
    """REALTIME=1 on a database whose messages are somebody else's to serve."""


class Realtime:
    """The mounted application; it serves nothing before `open`."""

    def __init__(self, services: Services) -> None:
        """Wire it together; nothing connects yet."""
        self._services = services
        pools = services.pools
        self._hub = Hub(Permissions(pools, max(1, services.settings.pool_size // 2)))
        self._listener = Listener(
            services.settings.database_url_anon, CHANNEL, self._hub.hear, self._hub.missed
        )
        self._serving = False
        self._sockets = 0

    async def open(self) -> None:
        """Begin to serve, if it is wanted and the database is ours to serve."""
        wanted = self._services.settings.realtime
        if wanted is False:
            return
        if not await self._has_surface():
            if wanted:
                message = "REALTIME is 1, but the database has no realtime.may_listen()"
                raise RealtimeMissingError(message)
            _log.info("off: the database is served by a Realtime of its own")
            return
        self._hub.open()
        await self._listener.open()
        self._serving = True

    async def close(self) -> None:
        """Listen no more. The server has closed the sockets by now."""
        self._serving = False
        await self._listener.close()
        await self._hub.close()

    async def _has_surface(self) -> bool:
        try:
            row = await self._services.pools.anon.run(_SURFACE, ())
        except (BusyError, QueryError, UnavailableError):
            return False
        return row[0] == b"true"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one line, or say why not."""
        try:
            # What Litestar mounts has everything that begins like it.
            if not self._serving or not scope["raw_path"].endswith(PATH.encode()):
                raise not_found()
            if scope["type"] != ScopeType.WEBSOCKET:
                raise _upgrade_required()
            version, identity = await self._welcome(scope)
        except Failure as failure:
            await _refuse(scope, receive, send, failure)
            return
        await self._serve(version, identity, receive, send)

    async def _welcome(self, scope: Any) -> tuple[Version, Identity]:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=50)
        asked = dict(pairs)
        try:
            version = Version(asked.get("vsn", Version.OBJECTS.value))
        except ValueError:
            details = "vsn must be 1.0.0 or 2.0.0."
            raise refused(400, "version_unsupported", details) from None
        if self._sockets >= MAX_SOCKETS:
            details = "Too many connected users. Try again in a moment."
            raise refused(503, "too_many_sockets", details)
        header = next((value for name, value in scope["headers"] if name == b"x-api-key"), b"")
        key = asked.get("apikey") or header.decode("latin-1")
        if not key:
            raise refused(401, "apikey_required", "The address must have an apikey.")
        try:
            return version, await self._identify(key)
        except BadTokenError:
            failure = invalid_token()
            # As the hosted server answers a key that is none.
            failure.status = 403
            raise failure from None
        except ServiceKeyError:
            raise service_role_not_served() from None
        except KeysUnavailableError:
            raise keys_unavailable() from None

    async def _identify(self, token: str) -> Identity:
        bearer = b"Bearer " + token.encode()
        return await self._services.identities.of([(b"authorization", bearer)])

    async def _serve(self, version: Version, identity: Identity, receive: Any, send: Any) -> None:
        began = time.monotonic()
        self._sockets += 1
        try:
            await receive()
            await send({"type": "websocket.accept"})
            await Socket(
                self._hub,
                self._identify,
                lambda: self._listener.hears,
                version,
                identity,
                receive,
                send,
            ).run()
        except OSError:
            # It left while it was let in.
            return
        finally:
            self._sockets -= 1
            fields = {
                "route": PATH,
                "seconds": round(time.monotonic() - began, 1),
                "role": identity.role,
                "sockets": self._sockets,
            }
            _access.info("socket", extra={"fields": fields})


def _upgrade_required() -> Failure:
    failure = refused(426, "upgrade_required", "This is a WebSocket.")
    failure.headers = ((b"upgrade", b"websocket"), (b"connection", b"upgrade"))
    return failure


async def _refuse(scope: Scope, receive: Any, send: Any, failure: Failure) -> None:
    answer = Answer(failure.status, failure.body(Surface.API), [JSON, *failure.headers])
    if scope["type"] != ScopeType.WEBSOCKET:
        await answer.send(send)
        return
    await receive()
    headers = [*answer.headers, (b"content-length", b"%d" % len(answer.body))]
    start = {"type": "websocket.http.response.start", "status": answer.status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": answer.body})
