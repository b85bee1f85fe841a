"""`/metrics`, for Prometheus: behind a token of its own, and not there without one."""

from __future__ import annotations

import hmac
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from prometheus_client import CONTENT_TYPE_LATEST

from api.errors import CHALLENGE, Failure, not_found
from api.routes.uploads import Provided


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, State], services: Provided) -> Response[bytes]:
    """Answer a scrape whose bearer token is `METRICS_TOKEN`."""
    token = services.settings.metrics_token
    if token is None:
        raise not_found()
    given = request.headers.get("authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        details = "The bearer token must be METRICS_TOKEN."
        raise Failure(401, "PT401", "invalid_token", details, None, CHALLENGE)
    checks = await services.readiness.checks()
    text = services.metrics.text(services.pools, checks)
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"cache-control": "no-store"})


HANDLERS = (metrics,)
