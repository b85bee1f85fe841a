"""The control plane below ``/_standin``: what the real ImageKit has not, and tests need."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import Any

from litestar import Controller, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, JSONBody

from dev.imagekit.faults import Fault
from dev.imagekit.refusal import bad_request
from dev.imagekit.seeding import ManyFiles, add_sample_files
from dev.imagekit.standin import StandIn
from dev.imagekit.store import NameTakenError
from dev.imagekit.trouble import CONTROL_PLANE
from dev.imagekit.webhook_target import Target
from dev.imagekit.webhooks import as_json


def only_from_here(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Guard: to anybody who does not sit at this machine there is no control plane."""
    try:
        here = connection.client is not None and ip_address(connection.client.host).is_loopback
    except ValueError:
        here = False
    if not here:
        raise NotFoundException


class ControlPlane(Controller):
    """State, limits, clock, faults, events and calls."""

    path = CONTROL_PLANE
    guards = [only_from_here]  # noqa: RUF012 - Litestar's way to declare it

    @get()
    async def state(self, standin: NamedDependency[StandIn]) -> dict[str, Any]:
        """Where it is, how much it holds and how it is set."""
        limits = standin.limits
        return {
            "urlEndpoint": standin.url_endpoint,
            "rows": standin.store.counts(),
            "limits": {name: getattr(limits, name) for name in limits.__slots__},
            "clockOffset": standin.clock.offset,
            "calls": dict(standin.faults.calls),
            "webhooks": [{"url": to.url, "style": to.style} for to in standin.webhooks.targets],
        }

    @patch("/limits")
    async def change_limits(
        self, data: JSONBody[dict[str, Any]], standin: NamedDependency[StandIn]
    ) -> dict[str, Any]:
        """Set the limits named in the body."""
        try:
            standin.limits.change(data)
        except ValueError as error:
            raise bad_request(str(error)) from None
        return {name: getattr(standin.limits, name) for name in standin.limits.__slots__}

    @put("/clock")
    async def set_clock(
        self, data: JSONBody[dict[str, float]], standin: NamedDependency[StandIn]
    ) -> dict[str, float]:
        """Set how many seconds the clock is ahead: ``{"offset": 3600}``."""
        standin.clock.offset = data.get("offset", 0.0)
        return {"offset": standin.clock.offset}

    @post("/faults")
    async def order_fault(
        self, data: JSONBody[dict[str, Any]], standin: NamedDependency[StandIn]
    ) -> dict[str, Any]:
        """Let something go wrong; the body names the attributes of ``Fault``."""
        try:
            standin.faults.add(Fault(**data))
        except (TypeError, ValueError) as error:
            raise bad_request(str(error)) from None
        return data

    @delete("/faults")
    async def forget_faults(self, standin: NamedDependency[StandIn]) -> None:
        """No more trouble, and calls are counted from zero."""
        standin.faults.clear()

    @post("/files", status_code=201)
    async def add_files(
        self, data: JSONBody[ManyFiles], standin: NamedDependency[StandIn]
    ) -> dict[str, list[str]]:
        """Put copies of the sample video into a folder, for tests that need many files."""
        try:
            return {"fileIds": await asyncio.to_thread(add_sample_files, standin, data)}
        except NameTakenError:
            message = "One of the files is there already."
            raise bad_request(message) from None

    @get("/events")
    async def events(
        self,
        standin: NamedDependency[StandIn],
        after: FromQuery[int] = 0,
    ) -> list[dict[str, Any]]:
        """What happened in the media library after the event of that number."""
        return standin.store.events(after)

    @get("/purges")
    async def purges(self, standin: NamedDependency[StandIn]) -> dict[str, str]:
        """Every purged address, by the id of its request."""
        return standin.store.purges()

    @put("/webhooks")
    async def set_webhooks(
        self, data: JSONBody[list[Target]], standin: NamedDependency[StandIn]
    ) -> dict[str, int]:
        """Tell these, and only these, what happens from now on."""
        standin.webhooks.tell(data)
        return {"targets": len(data)}

    @get("/webhooks")
    async def webhooks(self, standin: NamedDependency[StandIn]) -> list[dict[str, Any]]:
        """What was delivered lately: to whom, in how many tries, with which status."""
        return [as_json(one) for one in standin.webhooks.deliveries]

    @post("/reset", status_code=204)
    async def reset(self, standin: NamedDependency[StandIn]) -> None:
        """Forget every file, token, fault and limit."""
        standin.reset()
