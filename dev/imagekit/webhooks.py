"""Tells others what happens in the media library, as ImageKit's webhooks do."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from dev.imagekit.clock import Clock
from dev.imagekit.store import Store
from dev.imagekit.webhook_target import Target

LOOK_S = 0.1
WAITS_S = (0.2, 0.6)
"""Between the tries of one delivery, of which there are three."""

TIMEOUT_S = 10.0
REMEMBERED = 1000


@dataclass(slots=True)
class Delivery:
    """What became of one event for one target. `status` is null when nobody answered."""

    event_id: str
    type: str
    url: str
    tries: int = 0
    status: int | None = None


class WebhookSender:
    """Follows the event log and posts what is new. Uploads never wait for it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        """Know where events come from; nobody is told until there are targets."""
        self._store = store
        self._clock = clock
        self._targets: tuple[Target, ...] = ()
        self._seen = 0
        self._task: asyncio.Task[None] | None = None
        self.deliveries: deque[Delivery] = deque(maxlen=REMEMBERED)

    @property
    def targets(self) -> Sequence[Target]:
        """Who is told at present."""
        return self._targets

    def tell(self, targets: Sequence[Target]) -> None:
        """Tell these from now on; what happened before is not told."""
        self._targets = tuple(targets)
        self._seen = max((one["number"] for one in self._store.events()), default=0)
        self.deliveries.clear()

    async def open(self) -> None:
        """Begin to follow the log."""
        self._task = asyncio.create_task(self._follow(), name="webhooks")

    async def close(self) -> None:
        """Stop; what was not delivered is not."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _follow(self) -> None:
        async with httpx.AsyncClient(timeout=TIMEOUT_S) as client:
            while True:
                await asyncio.sleep(LOOK_S)
                if not self._targets:
                    continue
                events = await asyncio.to_thread(self._store.events, self._seen)
                for event in events:
                    self._seen = event.pop("number")
                    for target in self._targets:
                        await self._deliver(client, target, event)

    async def _deliver(
        self, client: httpx.AsyncClient, target: Target, event: dict[str, Any]
    ) -> None:
        delivery = Delivery(event["id"], event["type"], target.url)
        self.deliveries.append(delivery)
        body = json.dumps(event).encode()
        for wait in (*WAITS_S, None):
            delivery.tries += 1
            headers = target.headers(event["id"], body, self._clock.now())
            try:
                answer = await client.post(
                    target.url,
                    content=body,
                    headers={"content-type": "application/json", **headers},
                )
                delivery.status = answer.status_code
            except httpx.HTTPError:
                delivery.status = None
            if (delivery.status is not None and delivery.status < 300) or wait is None:
                return
            await asyncio.sleep(wait)


def as_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the control plane shows it."""
    return asdict(delivery)
