"""What the routes work with: made once per process, opened and closed with it."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.types import HTTPScope

from api.calls import Pools
from api.client_address import client_address
from api.errors import sign_in_required
from api.identity import Identities, Identity
from api.imagekit.account import ImageKitAccount
from api.imagekit.client import ImageKitClient
from api.keys import Keys
from api.metrics import RequestMetrics
from api.notes import notes_of
from api.passthrough import Passthrough
from api.readiness import Readiness
from api.settings import Settings
from api.view_counter import ViewCounter


@dataclass(frozen=True, slots=True)
class Services:
    """Everything a request may need that outlives it."""

    settings: Settings
    keys: Keys
    identities: Identities
    pools: Pools
    account: ImageKitAccount
    imagekit: ImageKitClient
    views: ViewCounter
    readiness: Readiness
    metrics: RequestMetrics
    postgrest: Passthrough

    async def caller(self, scope: HTTPScope) -> Identity:
        """Return who is calling."""
        identity = await self.identities.of(scope["headers"])
        notes_of(scope).role = identity.role
        return identity

    async def user(self, scope: HTTPScope) -> tuple[Identity, bytes]:
        """Return the signed-in caller and his id, as a parameter; refuse the anonymous."""
        identity = await self.caller(scope)
        if identity.subject is None:
            raise sign_in_required()
        return identity, identity.subject.encode()

    def address(self, scope: HTTPScope) -> str | None:
        """Return the address a request came from, as far as we can know."""
        client = scope["client"]
        peer = client[0] if client else None
        return client_address(peer, scope["headers"], self.settings.trusted_proxies)
