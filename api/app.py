"""The application: services wired together, routes mounted, opened and closed in order."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from litestar import Litestar, Request, Response, asgi
from litestar.config.cors import CORSConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api import startup
from api.calls import Pools
from api.database import PsycopgPool, close_together
from api.door import Door
from api.errors import Failure, Surface, method_not_allowed, not_found, refused
from api.http import MAX_BODY_BYTES, Answer
from api.identity import Identities
from api.imagekit.account import ImageKitAccount
from api.imagekit.client import ImageKitClient
from api.keys import Keys, KeySet, secret_key
from api.logs import log_to_stdout
from api.media.running import beside
from api.metrics import RequestMetrics
from api.mount import Mount, failed
from api.notes import notes_of
from api.openapi import documentation_handlers
from api.passthrough import Passthrough
from api.readiness import Readiness
from api.realtime.mounted import PATH as REALTIME_PATH
from api.realtime.mounted import Realtime, RealtimeMissingError
from api.routes import (
    comments,
    health,
    metrics,
    profile,
    publication,
    uploads,
    video_lists,
    videos,
    webhooks,
)
from api.rpc.failures import path_not_found
from api.rpc.mounted import PREFIX as RPC_PREFIX
from api.rpc.mounted import Rpc
from api.services import Services
from api.settings import Settings, SettingsError
from api.tables import Tables
from api.view_counter import ViewCounter

ENDPOINTS = (
    *videos.ENDPOINTS,
    *video_lists.ENDPOINTS,
    *comments.ENDPOINTS,
    *publication.ENDPOINTS,
)
ORDINARY_HANDLERS = (
    *health.HANDLERS,
    *metrics.HANDLERS,
    *profile.HANDLERS,
    *uploads.HANDLERS,
    *webhooks.HANDLERS,
)
DOCUMENTED = (
    *(endpoint.about for endpoint in ENDPOINTS),
    *uploads.DOCUMENTED,
    *profile.DOCUMENTED,
    *webhooks.DOCUMENTED,
    *health.DOCUMENTED,
)

MountedApp = Callable[[Any, Receive, Send], Any]

_log = logging.getLogger("api")


def create_app(settings: Settings | None = None) -> ASGIApp:
    """Return the application, configured by `settings` or else by the environment.

    A wrong environment ends the process with the list of what is wrong.
    """
    if settings is None:
        try:
            settings = Settings.from_environment(os.environ)
        except SettingsError as error:
            raise SystemExit(str(error)) from None
    log_to_stdout()
    start = startup.StartOutcome()
    services = _services(settings)
    app = _litestar(settings, services, start)
    return Door(app, start, services.metrics, settings.hsts_seconds)


def _services(settings: Settings) -> Services:
    pools = Pools(
        anon=PsycopgPool(settings.database_url_anon, settings.pool_size, "anon"),
        user=PsycopgPool(settings.database_url_user, settings.pool_size, "authenticated"),
        # Uploads are rare beside everything else.
        media=PsycopgPool(
            settings.database_url_media, max(2, settings.pool_size // 2), "media_worker"
        ),
        address_header=settings.address_header,
    )
    keys = Keys(
        secret=secret_key(settings.jwt_secret) if settings.jwt_secret else None,
        published=KeySet(settings.jwks_url) if settings.jwks_url else None,
    )
    account = ImageKitAccount(
        public_key=settings.imagekit_public_key,
        private_key=settings.imagekit_private_key,
        url_endpoint=settings.imagekit_url_endpoint,
        upload_base=settings.imagekit_upload_base,
        api_base=settings.imagekit_api_base,
    )
    identities = Identities(keys, settings.jwt_issuers, settings.anon_key)
    return Services(
        settings=settings,
        keys=keys,
        identities=identities,
        pools=pools,
        account=account,
        imagekit=ImageKitClient(account),
        views=ViewCounter(pools),
        readiness=Readiness(pools),
        metrics=RequestMetrics(),
        postgrest=Passthrough(settings, identities),
    )


def _media_worker(settings: Settings, services: Services) -> AbstractAsyncContextManager[None]:
    if not settings.media_worker:
        return nullcontext()
    return beside(services.pools.media, services.account, settings.media_writes_per_second)


def _litestar(settings: Settings, services: Services, start: startup.StartOutcome) -> Litestar:
    realtime = Realtime(services)

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncIterator[None]:
        if settings.service_key_given:
            _log.warning("SUPABASE_SERVICE_ROLE_KEY is set; it is not used and not needed")
        try:
            await startup.open_and_check(settings, services.pools)
        except startup.StartRefusedError as error:
            start.refusal = str(error)
            raise
        try:
            await services.keys.open()
            await services.views.open()
            await realtime.open()
            async with _media_worker(settings, services), rpc.listening():
                _log.info("ready")
                yield
        except RealtimeMissingError as error:
            start.refusal = str(error)
            raise
        finally:
            await realtime.close()
            await services.views.close()
            await services.keys.close()
            await close_together(services.pools.all())
            await services.imagekit.close()
            await services.postgrest.close()

    def provide_services() -> Services:
        return services

    mount = Mount(services, ENDPOINTS)
    rpc = Rpc(services)
    return Litestar(
        [
            _mounted("/api/videos", mount),
            _mounted("/api/users", mount),
            _mounted("/rest/v1", _data_api(rpc, Tables(services))),
            _mounted(REALTIME_PATH, realtime),
            *ORDINARY_HANDLERS,
            *documentation_handlers(DOCUMENTED),
        ],
        lifespan=[running],
        dependencies={"services": Provide(provide_services, sync_to_thread=False)},
        exception_handlers={Exception: _answer_exception},
        before_request=_note_route,
        request_max_body_size=MAX_BODY_BYTES,
        cors_config=_cors(settings),
        openapi_config=None,
        logging_config=None,
    )


def _data_api(rpc: Rpc, tables: Tables) -> MountedApp:
    """Return what answers `/rest/v1`: one mount, for of two the shorter path would win."""

    async def answer(scope: HTTPScope, receive: Receive, send: Send) -> None:
        path = notes_of(scope).path
        is_rpc = path == RPC_PREFIX or path.startswith(f"{RPC_PREFIX}/")
        await (rpc if is_rpc else tables)(scope, receive, send)

    return answer


def _mounted(path: str, app: MountedApp) -> Any:
    @asgi(path, is_mount=True, copy_scope=False)
    async def handler(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    return handler


async def _note_route(request: Request[Any, Any, State]) -> None:
    notes_of(request.scope).route = request.scope["path_template"].replace(":str", "")


def _answer_exception(request: Request[Any, Any, State], error: Exception) -> Response[bytes]:
    """Answer what an ordinary route, or the router itself, raised."""
    notes = notes_of(request.scope)
    surface = Surface.of(notes.path)
    if isinstance(error, HTTPException):
        error = _from_litestar(error, surface)
    answer: Answer = failed(error, surface, anonymous=notes.role != "authenticated")
    return uploads.respond(answer)


def _from_litestar(error: HTTPException, surface: Surface) -> Failure:
    match error.status_code:
        case 404:
            return path_not_found() if surface is Surface.REST else not_found()
        case 405:
            return method_not_allowed((error.headers or {}).get("allow", ""))
        case status if status < 500:
            return refused(status, "request_invalid", "The request is not valid.")
        case _:
            raise error


def _cors(settings: Settings) -> CORSConfig | None:
    if not settings.cors_origins:
        return None
    return CORSConfig(
        allow_origins=list(settings.cors_origins),
        allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
        allow_headers=[
            "authorization",
            "apikey",
            "content-type",
            "content-profile",
            "accept-profile",
            "idempotency-key",
            "prefer",
            "range",
            "range-unit",
            "x-client-info",
            "x-retry-count",
            "x-request-id",
        ],
        expose_headers=[
            "content-range",
            "content-profile",
            "link",
            "location",
            "preference-applied",
            "retry-after",
            "x-request-id",
        ],
        max_age=86400,
    )
