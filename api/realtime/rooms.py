"""Who listens to which topic. A room has a topic's private channels, or its public ones.

In a private room the members are grouped by who they are: the database is asked once for all of a
person's sockets, and once for all the anonymous.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from api.identity import Identity
from api.realtime.frames import Ref, Version
from api.realtime.messages import PREFIX, Message

Who = tuple[str, bytes]


class Member(Protocol):
    """A socket, as a room knows it."""

    version: Version

    def push(self, text: str) -> None:
        """Send this as soon as the line takes it."""

    def ended(self, channel: Channel, *, reason: str | None, error: bool) -> None:
        """Tell the client that a channel of its is over; `error` lets it join again by itself."""


@dataclass(slots=True, eq=False)
class Channel:
    """One topic, joined by one socket."""

    member: Member
    topic: str
    private: bool
    join_ref: Ref
    identity: Identity
    expires: float | None

    @property
    def full_topic(self) -> str:
        """Return the topic as clients write it."""
        return PREFIX + self.topic


class _Expiry(msgspec.Struct):
    exp: float | None = None


_expiries = msgspec.json.Decoder(_Expiry)


def expiry_of(identity: Identity) -> float | None:
    """Return when this identity's token ends, in seconds since 1970; None for never."""
    return _expiries.decode(identity.claims).exp


@dataclass(slots=True, eq=False)
class Group:
    """The channels of one person in one room, or of all the anonymous."""

    identity: Identity
    expires: float | None
    # When the database last said that they may listen, by the monotonic clock.
    confirmed_at: float
    channels: set[Channel] = field(default_factory=set)

    def has_expired(self, now: float) -> bool:
        """Tell whether their token has ended by then, in seconds since 1970."""
        return self.expires is not None and self.expires <= now


@dataclass(slots=True, eq=False)
class Room:
    """All who joined one topic, privately or publicly."""

    topic: str
    private: bool
    groups: dict[Who, Group] = field(default_factory=dict)
    # Messages that wait for an answer of the database, in their order.
    waiting: deque[Message] = field(default_factory=deque)
    delivering: bool = False
    # By the monotonic clock; what nobody got needs no confirmation.
    last_message_at: float = 0.0

    def add(self, channel: Channel, confirmed_at: float) -> None:
        """Let a channel in."""
        who = _who(channel)
        group = self.groups.get(who)
        if group is None:
            group = Group(channel.identity, channel.expires, confirmed_at)
            self.groups[who] = group
        group.confirmed_at = max(group.confirmed_at, confirmed_at)
        group.channels.add(channel)

    def remove(self, channel: Channel) -> None:
        """Let a channel go; it may have gone before."""
        who = _who(channel)
        group = self.groups.get(who)
        if group is None:
            return
        group.channels.discard(channel)
        if not group.channels:
            del self.groups[who]

    def channels(self) -> Iterator[Channel]:
        """Give all channels."""
        for group in self.groups.values():
            yield from group.channels

    def unconfirmed_since(self, moment: float) -> list[Group]:
        """Return the groups of whom the database has said nothing since then."""
        return [group for group in self.groups.values() if group.confirmed_at < moment]

    def expired(self) -> list[Group]:
        """Return the groups whose token has ended."""
        now = time.time()
        return [group for group in self.groups.values() if group.has_expired(now)]

    def deliver(self, message: Message) -> None:
        """Send a message to everybody."""
        self.last_message_at = time.monotonic()
        for channel in list(self.channels()):
            channel.member.push(message.encoded(channel.member.version))


def _who(channel: Channel) -> Who:
    # In a public room nobody is asked who he is.
    if not channel.private:
        return ("", b"")
    return (channel.identity.role, channel.identity.claims)
