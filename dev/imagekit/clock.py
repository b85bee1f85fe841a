"""The stand-in's clock, which a test may set wrong on purpose."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Real time plus an offset in seconds."""

    def __init__(self) -> None:
        """Start with the right time."""
        self.offset = 0.0

    def now(self) -> float:
        """Unix seconds."""
        return time.time() + self.offset

    def timestamp(self) -> str:
        """The moment as ImageKit writes it: UTC with milliseconds."""
        moment = datetime.fromtimestamp(self.now(), UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(timestamp: str) -> int:
    """A timestamp of ``Clock`` as Unix milliseconds, as ImageKit puts it into addresses."""
    return round(datetime.fromisoformat(timestamp).timestamp() * 1000)
