"""What a bench promises, and whether it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One promise: a figure, and the least or the most it may be."""

    promise: str
    figure: float
    limit: float
    is_least: bool = False

    @property
    def is_met(self) -> bool:
        """Is the figure on the right side of the limit?"""
        return self.figure >= self.limit if self.is_least else self.figure <= self.limit

    def __str__(self) -> str:
        sign = "at least" if self.is_least else "at most"
        verdict = "met" if self.is_met else "MISSED"
        return f"{verdict}: {self.promise}: {self.figure:,.4g} (goal: {sign} {self.limit:,g})"


def at_least(promise: str, figure: float, limit: float) -> Goal:
    """Promise no less than the limit."""
    return Goal(promise, figure, limit, is_least=True)


def at_most(promise: str, figure: float, limit: float) -> Goal:
    """Promise no more than the limit."""
    return Goal(promise, figure, limit)


def exit_code(goals: Sequence[Goal]) -> int:
    """Return what a command ends with: 1 when a goal was missed."""
    return 0 if all(goal.is_met for goal in goals) else 1


def listed(goals: Sequence[Goal]) -> str:
    """Return the verdicts, one a line."""
    return "\n".join(f"- {goal}" for goal in goals)
