"""Whatever is compared takes turns, so that a slow minute hits all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def interleaved(items: Sequence[Item], rounds: int) -> Iterator[Item]:
    """Give all items once a round, every other round from the end."""
    for number in range(rounds):
        yield from reversed(items) if number % 2 else items
