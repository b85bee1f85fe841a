"""Trouble on demand: errors, delays, lost connections, rate limits; and a count of all calls."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from dev.imagekit.settings import Limits

Drop = Literal["before", "after"]


@dataclass(slots=True, kw_only=True)
class Fault:
    """What happens to the next ``times`` requests whose path contains a match of ``path``.

    ``status`` answers with an error instead of doing anything; a 429 asks for ``reset_ms`` of
    rest. ``drop`` loses the connection, before the request is acted upon or after. ``delay`` is
    waited in any case; alone, it only makes things slow.
    """

    path: str
    method: str | None = None
    times: int = 1
    status: int | None = None
    delay: float = 0.0
    drop: Drop | None = None
    reset_ms: int = 300
    body: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raise ValueError for a pattern that is none."""
        try:
            re.compile(self.path)
        except re.error as error:
            message = f"not a regular expression: {self.path}"
            raise ValueError(message) from error

    def concerns(self, method: str, path: str) -> bool:
        """Whether it hits this request."""
        return self.method in {None, method} and re.search(self.path, path) is not None


class RateWindow:
    """Counts requests in the current second."""

    def __init__(self) -> None:
        """Begin with an empty second."""
        self._second = 0
        self._count = 0

    def take(self, allowed: int) -> int | None:
        """Count a request; the milliseconds to wait when it is one too many."""
        now = time.time()
        if int(now) != self._second:
            self._second, self._count = int(now), 0
        self._count += 1
        return None if self._count <= allowed else max(1, round((self._second + 1 - now) * 1000))


class Faults:
    """The faults that are due, the account's rate limits and the calls so far."""

    def __init__(self, limits: Limits) -> None:
        """Begin without any trouble."""
        self._limits = limits
        self._reads, self._writes = RateWindow(), RateWindow()
        self.due: list[Fault] = []
        self.calls: Counter[str] = Counter()

    def add(self, fault: Fault) -> None:
        """Let it happen, after those that are due already."""
        self.due.append(fault)

    def clear(self) -> None:
        """No more trouble, and counting from zero."""
        self.due.clear()
        self.calls.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, if any; it is then due once less."""
        for fault in self.due:
            if fault.concerns(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    self.due.remove(fault)
                return fault
        return None

    def milliseconds_to_wait(self, method: str) -> tuple[int, int] | None:
        """For a management call over the rate limit: the limit, and how long to wait."""
        if method == "GET":
            allowed, window = self._limits.reads_per_second, self._reads
        else:
            allowed, window = self._limits.writes_per_second, self._writes
        if allowed is None:
            return None
        wait = window.take(allowed)
        return None if wait is None else (allowed, wait)
