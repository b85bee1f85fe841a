"""Brings each message to everybody who may hear it, and ends the channels of who may not any more.

A join asks the database. So does a message, before it goes out: in a private room of at most `FEW`
people for everybody of whom the last answer is older than a second, so that somebody who may not
listen any more (suspended, blocked, a video hidden) hears nothing after that second. In larger
rooms that would be a storm for each message; there everybody who got something is asked about once
a minute, in the background.

Messages are hints that something is to be fetched. One that cannot be brought, or may have been
missed, ends the channels it was for with an error: clients then join again, and fetch.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Coroutine, Iterable
from typing import Any

from api.identity import ANONYMOUS
from api.realtime.messages import Message, NotAMessageError
from api.realtime.permissions import NoAnswerError, Permissions
from api.realtime.rooms import Channel, Group, Room

# People, not sockets. 16 questions of a third of a millisecond are nothing that one would feel.
FEW = 16
FRESH_S = 1.0
CONFIRMED_EVERY_S = 60.0
TICK_S = 1.0
# More than that are waiting for the database only when it does not answer.
MAX_WAITING = 1000

NOT_CONFIRMED = "Realtime was unable to connect to the project database"
MISSED = "Messages may have been missed, please join again"
EXPIRED = "Token has expired"

_log = logging.getLogger("api.realtime")


class Hub:
    """All rooms of this process."""

    def __init__(self, permissions: Permissions) -> None:
        """Begin with nobody."""
        self._permissions = permissions
        self._rooms: dict[tuple[str, bool], Room] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticking: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to look at what ends by itself."""
        self._ticking = asyncio.create_task(self._tick(), name="realtime ticks")

    async def close(self) -> None:
        """Bring nothing any more."""
        tasks = [*self._tasks, *([self._ticking] if self._ticking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def admit(self, channel: Channel) -> bool:
        """Let a channel in, if it may listen; raise `NoAnswerError` when nobody can say."""
        asked_at = time.monotonic()
        if channel.private and not await self._permissions.may_listen(
            channel.identity, channel.topic
        ):
            return False
        room = self._rooms.setdefault(
            (channel.topic, channel.private), Room(channel.topic, channel.private)
        )
        room.add(channel, asked_at)
        return True

    def remove(self, channel: Channel) -> None:
        """Let a channel go."""
        room = self._rooms.get((channel.topic, channel.private))
        if room is not None:
            room.remove(channel)
            self._forget_if_empty(room)

    def hear(self, notice: str) -> None:
        """Take what the database has said."""
        try:
            message = Message.of_notice(notice)
        except NotAMessageError:
            _log.warning("a notice on channel realtime is none of ours")
            return
        room = self._rooms.get((message.topic, message.private))
        if room is None:
            return
        if len(room.waiting) >= MAX_WAITING:
            room.waiting.clear()
            self._end_all(room.channels(), MISSED)
            return
        if not room.delivering and message.payload is not None and not self._to_confirm(room):
            room.deliver(message)
            return
        room.waiting.append(message)
        if not room.delivering:
            room.delivering = True
            self._begin(self._deliver_waiting(room))

    def missed(self) -> None:
        """Messages may be lost: let everybody join again."""
        for room in list(self._rooms.values()):
            room.waiting.clear()
            self._end_all(room.channels(), MISSED)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver_waiting(self, room: Room) -> None:
        try:
            while room.waiting:
                message = room.waiting[0]
                await self._confirm(room, self._to_confirm(room))
                whole = message.payload is not None or await self._fetch(room, message)
                if not room.waiting or room.waiting[0] is not message:
                    # Given up meanwhile.
                    continue
                room.waiting.popleft()
                if whole:
                    room.deliver(message)
                else:
                    self._end_all(room.channels(), MISSED)
        finally:
            room.delivering = False

    async def _fetch(self, room: Room, message: Message) -> bool:
        """Read a payload that was too long for its notice, as somebody who listens."""
        try:
            if not room.private:
                payload = await self._permissions.public_payload(
                    ANONYMOUS, message.topic, message.id
                )
                message.payload = payload or None
                return bool(payload)
            for group in list(room.groups.values()):
                message.payload = (
                    await self._permissions.payload(group.identity, message.topic, message.id)
                    or None
                )
                if message.payload is not None:
                    return True
                # Whoever cannot read it may not listen any more, or it is gone.
                await self._confirm(room, [group])
        except NoAnswerError:
            pass
        return False

    def _to_confirm(self, room: Room) -> list[Group]:
        """Return of whom the database must be asked before the next message."""
        if not room.private:
            return []
        self._end_expired(room)
        stale = room.unconfirmed_since(time.monotonic() - FRESH_S)
        return stale if len(stale) <= FEW else []

    async def _confirm(self, room: Room, groups: list[Group]) -> None:
        await asyncio.gather(*(self._confirm_group(room, group) for group in groups))

    async def _confirm_group(self, room: Room, group: Group) -> None:
        asked_at = time.monotonic()
        try:
            may_listen = await self._permissions.may_listen(group.identity, room.topic)
        except NoAnswerError:
            self._end_all(group.channels, NOT_CONFIRMED)
            return
        if may_listen:
            group.confirmed_at = max(group.confirmed_at, asked_at)
        else:
            reason = f"You no longer have permission to read from this Channel topic: {room.topic}"
            self._end_for_good(group, reason)

    def _end_expired(self, room: Room) -> None:
        for group in room.expired():
            self._end_for_good(group, EXPIRED)

    def _end_for_good(self, group: Group, reason: str) -> None:
        for channel in list(group.channels):
            self.remove(channel)
            channel.member.ended(channel, reason=reason, error=False)

    def _end_all(self, channels: Iterable[Channel], reason: str) -> None:
        for channel in list(channels):
            self.remove(channel)
            channel.member.ended(channel, reason=reason, error=True)

    def _forget_if_empty(self, room: Room) -> None:
        key = (room.topic, room.private)
        if not room.groups and self._rooms.get(key) is room:
            room.waiting.clear()
            del self._rooms[key]

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self._look_around()
            except Exception:  # the next look may go better
                _log.exception("a look at the rooms failed")

    def _look_around(self) -> None:
        long_ago = time.monotonic() - CONFIRMED_EVERY_S
        for room in list(self._rooms.values()):
            if not room.private:
                continue
            self._end_expired(room)
            for group in room.unconfirmed_since(min(long_ago, room.last_message_at)):
                # Not again before the answer is there.
                group.confirmed_at = time.monotonic()
                self._begin(self._confirm_group(room, group))
