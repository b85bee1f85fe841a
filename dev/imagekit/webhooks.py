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
    """Follows the event log and posts what is new, to each target in the order it happened.

    Uploads never wait for it, and no target waits for another.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        """Know where events come from; nobody is told until there are targets."""
        self._store = store
        self._clock = clock
        self._targets: tuple[Target, ...] = ()
        self._followers: set[asyncio.Task[None]] = set()
        self._is_open = False
        self.deliveries: deque[Delivery] = deque(maxlen=REMEMBERED)

    @property
    def targets(self) -> Sequence[Target]:
        """Who is told at present."""
        return self._targets

    def tell(self, targets: Sequence[Target]) -> None:
        """Tell these from now on; what happened before is not told."""
        self._targets = tuple(targets)
        for follower in self._followers:
            follower.cancel()
        self.deliveries.clear()
        if self._is_open:
            self._start()

    async def open(self) -> None:
        """Begin to follow the log."""
        self._is_open = True
        self._start()

    async def close(self) -> None:
        """Stop; what was not delivered is not."""
        self._is_open = False
        for follower in self._followers:
            follower.cancel()
        await asyncio.gather(*self._followers, return_exceptions=True)

    def _start(self) -> None:
        seen = self._store.last_event()
        for target in self._targets:
            follower = asyncio.create_task(self._follow(target, seen), name=target.url)
            self._followers.add(follower)
            follower.add_done_callback(self._followers.discard)

    async def _follow(self, target: Target, seen: int) -> None:
        # No proxy of the environment stands between two programs on one machine.
        async with httpx.AsyncClient(timeout=TIMEOUT_S, trust_env=False) as client:
            while True:
                for event in await asyncio.to_thread(self._store.events, seen):
                    seen = event.pop("number")
                    await self._deliver(client, target, event)
                await asyncio.sleep(LOOK_S)

    async def _deliver(
        self, client: httpx.AsyncClient, target: Target, event: dict[str, Any]
    ) -> None:
        delivery = Delivery(event["id"], event["type"], target.url)
        self.deliveries.append(delivery)
        body = json.dumps(event).encode()
        for wait in (0.0, *WAITS_S):
            await asyncio.sleep(wait)
            headers = {
                "content-type": "application/json",
                # Each try has a time of its own, which receivers judge.
                **target.headers(event["id"], body, self._clock.now()),
            }
            try:
                answer = await client.post(target.url, content=body, headers=headers)
                delivery.status = answer.status_code
            except (httpx.HTTPError, httpx.InvalidURL):
                delivery.status = None
            delivery.tries += 1
            if delivery.status is not None and delivery.status < 300:
                return


def as_json(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the control plane shows it."""
    return asdict(delivery)
