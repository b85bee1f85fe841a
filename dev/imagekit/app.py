"""The stand-in as one Litestar application."""

from __future__ import annotations

import uuid
from typing import Any

from litestar import Litestar, Request, Response
from litestar.config.cors import CORSConfig
from litestar.datastructures import MutableScopeHeaders, State
from litestar.di import Provide
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import asgi
from litestar.types import Message, Receive, Scope, Send

from dev.imagekit.control import ControlPlane
from dev.imagekit.delivery import Delivery
from dev.imagekit.management import HANDLERS
from dev.imagekit.refusal import Refusal
from dev.imagekit.settings import Settings, refuse_production
from dev.imagekit.standin import StandIn
from dev.imagekit.trouble import TroubleMaker
from dev.imagekit.upload import upload_v1, upload_v2

EXPOSED_HEADERS = ["x-request-id", "x-ik-requestid", "content-range", "etag"]


def create_app(settings: Settings) -> Litestar:
    """Make the application; raises ``ProductionError`` where it must not run.

    The data directory is its own from here until the application shuts down.
    """
    refuse_production()
    standin = StandIn(settings)
    delivery = Delivery(standin)

    @asgi(f"/{settings.account}", is_mount=True, copy_scope=True)
    async def deliver(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
        if scope["type"] == ScopeType.HTTP:
            await delivery.answer(scope, send)

    return Litestar(
        [upload_v1, upload_v2, *HANDLERS, ControlPlane, deliver],
        dependencies={"standin": Provide(lambda: standin, sync_to_thread=False)},
        exception_handlers={Refusal: _refusal_answer, HTTPException: _http_answer},
        middleware=[TroubleMaker(standin.faults)],
        cors_config=CORSConfig(
            allow_origins=["*"], allow_headers=["*"], expose_headers=EXPOSED_HEADERS
        ),
        before_send=[_name_request],
        on_startup=[standin.webhooks.open],
        on_shutdown=[standin.webhooks.close, standin.close],
        openapi_config=None,
    )


def _refusal_answer(_: Request[Any, Any, State], refusal: Refusal) -> Response[dict[str, Any]]:
    return Response(refusal.body(), status_code=refusal.status)


def _http_answer(_: Request[Any, Any, State], error: HTTPException) -> Response[dict[str, Any]]:
    """What the framework refuses, in the shape of ImageKit's refusals."""
    return _refusal_answer(_, Refusal(error.status_code, error.detail))


async def _name_request(message: Message, _: Scope) -> None:
    """Give each answer an id under both names ImageKit uses."""
    if message["type"] == "http.response.start":
        headers = MutableScopeHeaders.from_message(message)
        request_id = str(uuid.uuid4())
        headers["x-request-id"] = headers["x-ik-requestid"] = request_id
