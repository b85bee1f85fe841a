"""One client's line: what it may say, and what it is answered.

The events and their answers are those of a hosted project, so that clients need not know which of
the two they talk to. What is not served is refused in words, never by silence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from api.identity import BadTokenError, Identity, ServiceKeyError
from api.keys import KeysUnavailableError
from api.realtime import limits
from api.realtime.frames import Frame, MalformedError, Ref, Version, decoded
from api.realtime.hub import Hub
from api.realtime.limits import Allowance
from api.realtime.messages import PREFIX
from api.realtime.outbox import Outbox
from api.realtime.permissions import NoAnswerError
from api.realtime.rooms import Channel, expiry_of

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Identify = Callable[[str], Awaitable[Identity]]

POLICY_VIOLATION = 1008
GOING_AWAY = 1001

UNREACHABLE = "UnableToConnectToProject: Realtime was unable to connect to the project database"
# Publishable and secret keys: they say which project, not who.
KEY_PREFIX = "sb_"


class _RefusedError(Exception):
    """What a client asked for is not done. The text is the reason it is given."""


class _EndedError(Exception):
    """The line is closed from here."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Socket:
    """A connected client, until it leaves or is made to."""

    def __init__(  # noqa: PLR0917 - each is needed, and one call makes it
        self,
        hub: Hub,
        identify: Identify,
        hears: Callable[[], bool],
        version: Version,
        identity: Identity,
        receive: Receive,
        send: Send,
    ) -> None:
        """Take a line that is open; `identity` is that of its `apikey`."""
        self.version = version
        self._hub = hub
        self._identify = identify
        self._hears = hears
        self._identity = identity
        self._receive = receive
        self._send = send
        self._channels: dict[str, Channel] = {}
        self._tokens: dict[str, str] = {}
        self._outbox = Outbox()
        self._messages = Allowance(limits.MESSAGES_AT_ONCE, limits.MESSAGES_PER_SECOND)
        self._joins = Allowance(limits.JOINS_AT_ONCE, limits.JOINS_PER_SECOND)
        self._task = asyncio.current_task()
        self._too_slow = False
        self._handlers: dict[str, Callable[[Frame], Awaitable[None]]] = {
            "phx_join": self._join,
            "phx_leave": self._leave,
            "access_token": self._refresh,
            "broadcast": self._refuse_broadcast,
            "presence": self._refuse_presence,
        }

    async def run(self) -> None:
        """Serve it until it ends."""
        writing = asyncio.create_task(self._write())
        try:
            await self._read()
        except _EndedError as ended:
            await self._close(ended)
        except asyncio.CancelledError:
            if not self._too_slow or self._task is None:
                raise
            self._task.uncancel()
        finally:
            for channel in self._channels.values():
                self._hub.remove(channel)
            self._channels.clear()
            writing.cancel()

    def push(self, text: str) -> None:
        """Send this as soon as the line takes it; one who lets too much wait is cut off."""
        if self._too_slow or self._outbox.put(text):
            return
        self._too_slow = True
        if self._task is not None:
            # Nothing more can be said on a line that takes nothing.
            self._task.cancel()

    def ended(self, channel: Channel, *, reason: str | None, error: bool) -> None:
        """Tell the client that a channel is over."""
        if self._channels.get(channel.full_topic) is channel:
            del self._channels[channel.full_topic]
            self._tokens.pop(channel.full_topic, None)
        if reason is not None:
            said = {
                "extension": "system",
                "status": "error",
                "message": reason,
                "channel": channel.topic,
            }
            self._tell(Frame(channel.full_topic, "system", said))
        event = "phx_error" if error else "phx_close"
        # Clients compare the reference with that of their last join.
        self._tell(
            Frame(channel.full_topic, event, {}, ref=channel.join_ref, join_ref=channel.join_ref)
        )

    def _tell(self, frame: Frame) -> None:
        self.push(frame.encoded(self.version))

    def _reply(self, to: Frame, status: str, response: dict[str, Any]) -> None:
        payload = {"status": status, "response": response}
        self._tell(Frame(to.topic, "phx_reply", payload, to.ref, to.join_ref))

    async def _write(self) -> None:
        try:
            while True:
                await self._send({"type": "websocket.send", "text": await self._outbox.take()})
        except OSError:
            # The client has left; the reader hears of it too.
            return

    async def _close(self, ended: _EndedError) -> None:
        try:
            await self._send(
                {"type": "websocket.close", "code": ended.code, "reason": ended.reason}
            )
        except OSError:
            return

    async def _read(self) -> None:
        while True:
            try:
                async with asyncio.timeout(limits.IDLE_S):
                    message = await self._receive()
            except TimeoutError:
                raise _EndedError(GOING_AWAY, "no heartbeat") from None
            if message["type"] == "websocket.disconnect":
                return
            if not self._messages.take():
                raise _EndedError(POLICY_VIOLATION, "too many messages")
            await self._answer(message.get("text") or message.get("bytes") or "")

    async def _answer(self, data: str | bytes) -> None:
        try:
            frame = decoded(data, self.version)
        except MalformedError as error:
            nobodys = Frame("phoenix", "", None)
            self._reply(nobodys, "error", {"reason": f"MalformedMessage: {error}"})
            return
        if frame.event == "heartbeat":
            self._reply(frame, "ok", {})
            return
        handler = self._handlers.get(frame.event)
        try:
            if handler is None:
                raise _RefusedError(f"UnknownEvent: {frame.event[:40]}")
            await handler(frame)
        except _RefusedError as refusal:
            self._reply(frame, "error", {"reason": str(refusal)})

    async def _join(self, frame: Frame) -> None:
        topic = _sub_topic(frame)
        before = self._channels.get(frame.topic)
        if before is not None:
            self._hub.remove(before)
            self.ended(before, reason=None, error=False)
        self._check_room_for_one_more()
        private = _wanted(frame)
        token = frame.payload.get("access_token") or frame.payload.get("user_token")
        identity = await self._identity_of(token)
        channel = Channel(
            self, topic, private, frame.join_ref or frame.ref, identity, expiry_of(identity)
        )
        await self._admit(channel)
        self._channels[frame.topic] = channel
        self._tokens[frame.topic] = token if isinstance(token, str) else ""
        self._reply(frame, "ok", {"postgres_changes": []})

    def _check_room_for_one_more(self) -> None:
        if len(self._channels) >= limits.MAX_CHANNELS:
            raise _RefusedError("ChannelRateLimitReached: Too many channels")
        if not self._joins.take():
            raise _RefusedError("ClientJoinRateLimitReached: Too many joins per second")

    async def _admit(self, channel: Channel) -> None:
        """Let it in, or say in the hosted server's words why not."""
        if not self._hears():
            raise _RefusedError(UNREACHABLE)
        try:
            if await self._hub.admit(channel):
                return
        except NoAnswerError:
            raise _RefusedError(UNREACHABLE) from None
        topic = channel.topic
        reason = f"You do not have permissions to read from this Channel topic: {topic}"
        raise _RefusedError(f"Unauthorized: {reason}")

    async def _identity_of(self, token: Any) -> Identity:
        if token is None or (isinstance(token, str) and token.startswith(KEY_PREFIX)):
            return self._identity
        if not isinstance(token, str):
            raise _RefusedError("MalformedJWT: The token provided is not a valid JWT")
        try:
            return await self._identify(token)
        except BadTokenError as error:
            if error.reason == "JWT expired":
                raise _RefusedError("InvalidJWTToken: Token has expired") from None
            raise _RefusedError("MalformedJWT: The token provided is not a valid JWT") from None
        except ServiceKeyError:
            raise _RefusedError("Unauthorized: Service keys are not served here") from None
        except KeysUnavailableError:
            raise _RefusedError(UNREACHABLE) from None

    async def _leave(self, frame: Frame) -> None:
        channel = self._channels.get(frame.topic)
        self._reply(frame, "ok", {})
        # A late goodbye of a channel that was joined again means the one before.
        if channel is not None and _speaks_for(frame, channel):
            self._hub.remove(channel)
            self.ended(channel, reason=None, error=False)

    async def _refresh(self, frame: Frame) -> None:
        """Take a new token for a channel; one that proves nothing, or less, ends it."""
        channel = self._channels.get(frame.topic)
        token = frame.payload.get("access_token")
        if (
            channel is None
            or not _speaks_for(frame, channel)
            or not isinstance(token, str)
            or token.startswith(KEY_PREFIX)
            or token == self._tokens[frame.topic]
        ):
            return
        try:
            identity = await self._identity_of(token)
            fresh = Channel(
                self,
                channel.topic,
                channel.private,
                channel.join_ref,
                identity,
                expiry_of(identity),
            )
            await self._admit(fresh)
        except _RefusedError as refusal:
            self._hub.remove(channel)
            self.ended(channel, reason=str(refusal), error=str(refusal) == UNREACHABLE)
            return
        self._hub.remove(channel)
        if self._channels.get(frame.topic) is not channel:
            # It ended while the database was asked.
            self._hub.remove(fresh)
            return
        self._channels[frame.topic] = fresh
        self._tokens[frame.topic] = token

    async def _refuse_broadcast(self, frame: Frame) -> None:
        topic = _sub_topic(frame)
        reason = f"You do not have permissions to write to this Channel topic: {topic}"
        raise _RefusedError(f"Unauthorized: {reason}")

    async def _refuse_presence(self, _: Frame) -> None:
        raise _RefusedError("PresenceNotServed: Presence is not served here")


def _speaks_for(frame: Frame, channel: Channel) -> bool:
    ref: Ref = frame.join_ref
    return ref is None or ref == channel.join_ref


def _sub_topic(frame: Frame) -> str:
    topic = frame.topic.removeprefix(PREFIX)
    if topic == frame.topic:
        raise _RefusedError("unmatched topic")
    if not topic:
        raise _RefusedError("TopicNameRequired: You must provide a topic name")
    if len(topic) > limits.MAX_TOPIC_CHARACTERS or not topic.isprintable():
        raise _RefusedError("InvalidTopicName: The topic is too long or not printable")
    return topic


def _wanted(frame: Frame) -> bool:
    """Tell whether a private channel is wanted; refuse what is not served here."""
    config = frame.payload.get("config")
    if not isinstance(config, dict):
        config = {}
    if config.get("postgres_changes"):
        raise _RefusedError(
            "PostgresChangesNotServed: Postgres Changes are not served here, use Broadcast"
        )
    broadcast = config.get("broadcast")
    if isinstance(broadcast, dict) and broadcast.get("replay"):
        raise _RefusedError("UnableToReplayMessages: Replay is not served here")
    return config.get("private") is True
