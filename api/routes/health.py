"""`/api/health`: this process runs; `/api/health/ready`: and all that it needs does its work."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Response, get

from api.documented import Documented
from api.readiness import Check
from api.routes.uploads import Provided

NO_STORE = {"cache-control": "no-store"}


@get("/api/health", include_in_schema=False)
async def health() -> dict[str, str]:
    """Answer what load balancers and the app ask for. It says nothing about the database."""
    return {
        "status": "OK",
        "message": "IG-Live Video Backend is running",
        "timestamp": _now(),
    }


@get("/api/health/ready", include_in_schema=False)
async def ready(services: Provided) -> Response[bytes]:
    """Answer what deploys and monitoring ask for: 503 with reasons when something is wrong."""
    checks = await services.readiness.checks()
    is_ready = all(check.ok for check in checks)
    return Response(
        msgspec.json.encode(readiness(checks)),
        status_code=200 if is_ready else 503,
        media_type="application/json",
        headers=NO_STORE,
    )


def readiness(checks: list[Check]) -> dict[str, Any]:
    """Return the body for these checks."""
    return {
        "status": "ready" if all(check.ok for check in checks) else "not ready",
        "timestamp": _now(),
        "checks": {check.name: {"ok": check.ok, "detail": check.detail} for check in checks},
    }


def _now() -> str:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return f"{now}Z"


DOCUMENTED = (
    Documented(
        method="GET",
        path="/api/health",
        summary="This process runs",
        example={
            "status": "OK",
            "message": "IG-Live Video Backend is running",
            "timestamp": "2026-11-24T08:15:30.123Z",
        },
    ),
    Documented(
        method="GET",
        path="/api/health/ready",
        summary="The database answers, and its jobs do their work",
        example={
            "status": "ready",
            "timestamp": "2026-11-24T08:15:30.123Z",
            "checks": {
                name: {"ok": True, "detail": None}
                for name in (
                    "breaker",
                    "cron",
                    "deletions",
                    "deploy",
                    "drift",
                    "retention",
                    "database",
                )
            },
        },
        also={503: "The same with `not ready`; in each `detail` stands what is wrong"},
    ),
)
HANDLERS = (health, ready)
