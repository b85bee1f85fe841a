"""`/api/health`: this process runs. It says nothing about the database."""

from __future__ import annotations

from datetime import UTC, datetime

from litestar import get

from api.documented import Documented


@get("/api/health", include_in_schema=False)
async def health() -> dict[str, str]:
    """Answer what load balancers and the app ask for."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00")
    return {
        "status": "OK",
        "message": "IG-Live Video Backend is running",
        "timestamp": f"{now}Z",
    }


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
)
HANDLERS = (health,)
