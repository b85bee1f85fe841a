"""The way to a PostgREST beside this API, for what the fast path does not speak."""

from __future__ import annotations

from litestar.types import HTTPScope, Receive

from api.errors import unavailable
from api.http import Answer


class Passthrough:
    """No PostgREST runs beside this API."""

    @property
    def available(self) -> bool:
        """Tell whether there is one to forward to."""
        return False

    async def forward(
        self,
        scope: HTTPScope,  # noqa: ARG002 - as where there is one
        receive: Receive,  # noqa: ARG002
        body: bytes | None,  # noqa: ARG002
    ) -> Answer:
        """Let it answer the request; `body` is what has been read of it already."""
        raise unavailable()
