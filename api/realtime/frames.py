"""The two forms of Phoenix's messages: objects (`vsn=1.0.0`) and arrays (`2.0.0`)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

Ref = str | int | None

# supabase-js sends what a person broadcasts as bytes; everything else is text.
PUSHED_BROADCAST = 3
_PUSHED_LENGTHS = slice(1, 6)
_PUSHED_HEADER_BYTES = 7


class MalformedError(Exception):
    """What came is no message. The text says why, for the client's developer."""


class Version(Enum):
    """Which form a socket speaks."""

    OBJECTS = "1.0.0"
    ARRAYS = "2.0.0"


@dataclass(frozen=True, slots=True)
class Frame:
    """One message, in or out."""

    topic: str
    event: str
    payload: Any
    ref: Ref = None
    join_ref: Ref = None

    def encoded(self, version: Version) -> str:
        """Return the text that goes over the line."""
        if version is Version.ARRAYS:
            array = (self.join_ref, self.ref, self.topic, self.event, self.payload)
            return msgspec.json.encode(array).decode()
        # Phoenix leaves the join's reference out of this form.
        content = {
            "topic": self.topic,
            "event": self.event,
            "payload": self.payload,
            "ref": self.ref,
        }
        return msgspec.json.encode(content).decode()


class _Object(msgspec.Struct):
    topic: str
    event: str
    payload: dict[str, Any] | None = None
    ref: Ref = None
    join_ref: Ref = None


_objects = msgspec.json.Decoder(_Object)
_arrays = msgspec.json.Decoder(tuple[Ref, Ref, str, str, dict[str, Any] | None])


def decoded(data: str | bytes, version: Version) -> Frame:
    """Read one message; raise `MalformedError`."""
    if isinstance(data, bytes):
        return _pushed_broadcast(data)
    try:
        if version is Version.ARRAYS:
            join_ref, ref, topic, event, payload = _arrays.decode(data)
            return Frame(topic, event, payload or {}, ref, join_ref)
        content = _objects.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        # msgspec's text quotes nothing of what was sent.
        raise MalformedError(str(error) or "too deeply nested") from None
    return Frame(content.topic, content.event, content.payload or {}, content.ref, content.join_ref)


def _pushed_broadcast(data: bytes) -> Frame:
    """Read the head of a broadcast; what it says is not passed on, so nobody reads it."""
    if len(data) < _PUSHED_HEADER_BYTES or data[0] != PUSHED_BROADCAST:
        raise MalformedError("bytes of an unknown kind")
    lengths = data[_PUSHED_LENGTHS]
    if len(data) < _PUSHED_HEADER_BYTES + sum(lengths):
        raise MalformedError("bytes that end too early")
    texts: list[str] = []
    offset = _PUSHED_HEADER_BYTES
    try:
        for length in lengths:
            texts.append(data[offset : offset + length].decode())
            offset += length
    except UnicodeDecodeError:
        raise MalformedError("bytes that are no text") from None
    join_ref, ref, topic, event, _ = texts
    return Frame(topic, "broadcast", {"event": event}, ref or None, join_ref or None)
