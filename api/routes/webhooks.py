"""`POST /api/webhooks/imagekit`: what ImageKit tells by itself. Nothing depends on it."""

from __future__ import annotations

import logging
import time
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.datastructures import State

from api.calls import MediaCall
from api.documented import Documented, answered
from api.envelope import success
from api.errors import BAD_TOKEN_CHALLENGE, Failure, not_found, refused
from api.http import query, read_body
from api.imagekit.webhooks import WebhookRefused, verified_event
from api.routes.uploads import Provided, respond

AnyRequest = Request[Any, Any, State]
TAKE_WEBHOOK = MediaCall("private.take_webhook(event => $1::jsonb)")
MESSAGE = "Webhook received"

_log = logging.getLogger("api.webhooks")


@post("/api/webhooks/imagekit", status_code=200, include_in_schema=False)
async def imagekit_webhook(request: AnyRequest, services: Provided) -> Response[bytes]:
    """Take one webhook; the same one again changes nothing."""
    query(request.scope, frozenset())
    secret = services.settings.imagekit_webhook_secret
    if secret is None:
        raise not_found()
    body = await read_body(request.scope, request.receive)
    headers = {
        name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]
    }
    try:
        event = verified_event(headers, body, secret, time.time())
    except WebhookRefused as error:
        _log.warning("a webhook was refused: %s", error)
        details = "The signature is not ImageKit's."
        raise Failure(
            401, "PT401", "invalid_signature", details, None, BAD_TOKEN_CHALLENGE
        ) from None
    if "\\u0000" in body.decode("utf-8", "replace"):
        raise refused(400, "text_invalid", "Text must not contain NUL.")
    outcome = await TAKE_WEBHOOK.run(services.pools, msgspec.json.encode(event))
    return respond(success(msgspec.json.encode({"outcome": outcome.decode()}), MESSAGE))


DOCUMENTED = (
    Documented(
        method="POST",
        path="/api/webhooks/imagekit",
        summary="For ImageKit alone: a file has arrived, or was overwritten",
        example=answered({"outcome": "uploaded"}, MESSAGE),
        errors={
            400: "event_invalid",
            401: "invalid_signature",
            404: "route_not_found: IMAGEKIT_WEBHOOK_SECRET is not set",
            413: "body_too_large",
        },
    ),
)
HANDLERS = (imagekit_webhook,)
