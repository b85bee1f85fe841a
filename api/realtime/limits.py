"""How much one socket, or all of them, may ask of the process."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

# As many as a hosted project on a paid plan has; each costs some 20 KB here.
MAX_SOCKETS = 10_000
MAX_CHANNELS = 100
# A join carries a token of 8 KB at most.
MAX_MESSAGE_BYTES = 64 * 1024
MAX_TOPIC_CHARACTERS = 255
# Clients send a heartbeat each 25 s.
IDLE_S = 90.0
# A person who reads nothing for this long, with the line full, has gone.
STALLED_S = 10.0
# What waits for one socket beyond what the line itself holds.
MAX_WAITING_MESSAGES = 500
MAX_WAITING_BYTES = 1024 * 1024
# All channels of a socket are joined at once when it connects again; each asks the database.
JOINS_AT_ONCE = MAX_CHANNELS
JOINS_PER_SECOND = 10.0
# A new token is sent once for each channel.
MESSAGES_AT_ONCE = 4 * MAX_CHANNELS
MESSAGES_PER_SECOND = 50.0


@dataclass(slots=True)
class Allowance:
    """So many at once, and so many a second after that."""

    at_once: float
    per_second: float
    clock: Callable[[], float] = time.monotonic
    _left: float = field(init=False)
    _looked_at: float = field(init=False)

    def __post_init__(self) -> None:
        """Begin with all of it."""
        self._left = self.at_once
        self._looked_at = self.clock()

    def take(self) -> bool:
        """Take one, if there is one left."""
        now = self.clock()
        earned = (now - self._looked_at) * self.per_second
        self._left = min(self.at_once, self._left + earned)
        self._looked_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
