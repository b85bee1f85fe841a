"""The parts of one stand-in, put together."""

from __future__ import annotations

from dev.imagekit.auth import Authenticator
from dev.imagekit.clock import Clock
from dev.imagekit.faults import Faults
from dev.imagekit.settings import Limits, Settings
from dev.imagekit.store import Store
from dev.imagekit.webhooks import WebhookSender


class StandIn:
    """What the request handlers share."""

    def __init__(self, settings: Settings) -> None:
        """Open the store; ``close`` lets go of it."""
        self.settings = settings
        self.limits = Limits()
        self.clock = Clock()
        self.faults = Faults(self.limits)
        self.store = Store(settings, self.limits, self.clock)
        self.auth = Authenticator(settings, self.store, self.clock)
        self.webhooks = WebhookSender(self.store, self.clock)
        self.webhooks.tell(settings.webhooks)

    @property
    def url_endpoint(self) -> str:
        """Where files are delivered from."""
        return self.settings.url_endpoint

    def reset(self) -> None:
        """Back to an empty account as at the start: usual limits, right time, first webhooks."""
        fresh = Limits()
        for name in fresh.__slots__:
            setattr(self.limits, name, getattr(fresh, name))
        self.clock.offset = 0.0
        self.faults.clear()
        self.store.reset()
        self.webhooks.tell(self.settings.webhooks)

    def close(self) -> None:
        """Let go of the data directory."""
        self.store.close()
