"""A message on its way from the database to clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from api.realtime.frames import Frame, Version

PREFIX = "realtime:"


class NotAMessageError(Exception):
    """The notice was made by somebody else."""


class _Notice(msgspec.Struct):
    id: str
    topic: str
    event: str
    private: bool
    # Absent when it was too long for a notice; bytes as Postgres wrote them.
    payload: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_notices = msgspec.json.Decoder(_Notice)


@dataclass(slots=True)
class Message:
    """What goes to everybody on one topic. `payload` is JSON, None until it is fetched."""

    id: str
    topic: str
    event: str
    private: bool
    payload: bytes | None
    _encoded: dict[Version, str] = field(default_factory=dict)

    @classmethod
    def of_notice(cls, text: str) -> Message:
        """Read what `realtime.announce()` has sent."""
        try:
            notice = _notices.decode(text)
        except msgspec.DecodeError:
            raise NotAMessageError from None
        payload = None if isinstance(notice.payload, msgspec.UnsetType) else bytes(notice.payload)
        return cls(notice.id, notice.topic, notice.event, notice.private, payload)

    def encoded(self, version: Version) -> str:
        """Return its frame; made once for all who speak this form."""
        text = self._encoded.get(version)
        if text is None:
            content: dict[str, Any] = {
                "type": "broadcast",
                "event": self.event,
                "payload": msgspec.Raw(self.payload or b"null"),
                "meta": {"id": self.id},
            }
            text = Frame(PREFIX + self.topic, "broadcast", content).encoded(version)
            self._encoded[version] = text
        return text
