"""What the database says about who may listen: its policies, asked as the caller."""

from __future__ import annotations

import asyncio
import logging

from api.calls import Call, Pools
from api.database import BusyError, IdentityLostError, QueryError, UnavailableError
from api.identity import Identity

_MAY_LISTEN = Call("realtime.may_listen($2)::text", parameters=1)
_PRIVATE_PAYLOAD = Call("coalesce(realtime.read_payload($2::uuid, $3)::text, '')", parameters=2)
_PUBLIC_PAYLOAD = Call(
    "coalesce(realtime.read_public_payload($2::uuid, $3)::text, '')", parameters=2
)

# Failures that say nothing about the caller: timeouts, resources, shutdowns.
_NO_ANSWER = ("08", "53", "57", "58", "XX")

_log = logging.getLogger("api.realtime")

Question = tuple[str, bytes, str]


class NoAnswerError(Exception):
    """The database could not say; nobody may conclude anything."""


class Permissions:
    """Asks at most so many questions at once, and no question twice at the same time."""

    def __init__(self, pools: Pools, at_once: int) -> None:
        """Leave the rest of the pools to everybody else."""
        self._pools = pools
        self._turn = asyncio.Semaphore(at_once)
        self._asking: dict[Question, asyncio.Task[bool]] = {}

    async def may_listen(self, identity: Identity, topic: str) -> bool:
        """Tell whether this caller may join or stay; raise `NoAnswerError`."""
        question = (identity.role, identity.claims, topic)
        asking = self._asking.get(question)
        if asking is None:
            asking = asyncio.create_task(self._ask(identity, topic))
            self._asking[question] = asking
            asking.add_done_callback(lambda asked: self._forget(question, asked))
        # One who leaves does not take the answer from the others.
        return await asyncio.shield(asking)

    async def payload(self, identity: Identity, topic: str, message_id: str) -> bytes:
        """Return a private message's payload, empty for who may not read it."""
        return await self._fetched(_PRIVATE_PAYLOAD, identity, topic, message_id)

    async def public_payload(self, identity: Identity, topic: str, message_id: str) -> bytes:
        """Return a public message's payload, empty when it is gone."""
        return await self._fetched(_PUBLIC_PAYLOAD, identity, topic, message_id)

    def _forget(self, question: Question, asked: asyncio.Task[bool]) -> None:
        del self._asking[question]
        if not asked.cancelled():
            # Looked at here: all who waited may have left.
            asked.exception()

    async def _ask(self, identity: Identity, topic: str) -> bool:
        try:
            return await self._run(_MAY_LISTEN, identity, topic.encode()) == b"true"
        except QueryError as error:
            # So a policy fails for a topic it cannot read, as one that ends in no id.
            _log.warning("a policy on realtime.messages failed with %s", error.sqlstate)
            return False

    async def _fetched(self, call: Call, identity: Identity, topic: str, message_id: str) -> bytes:
        try:
            return await self._run(call, identity, message_id.encode(), topic.encode())
        except QueryError as error:
            _log.warning("a payload cannot be read: %s", error.sqlstate)
            return b""

    async def _run(self, call: Call, identity: Identity, *parameters: bytes) -> bytes:
        try:
            async with self._turn:
                row = await call.run(self._pools, identity, None, *parameters)
        except QueryError as error:
            if error.sqlstate.startswith(_NO_ANSWER):
                raise NoAnswerError from None
            raise
        except (BusyError, UnavailableError):
            raise NoAnswerError from None
        except IdentityLostError:
            _log.critical("a session was not the role of its pool; it is closed")
            raise NoAnswerError from None
        return row[0] or b""
