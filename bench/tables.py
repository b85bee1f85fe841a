"""Small Markdown tables, and figures as people read them."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]], texts: int = 1) -> str:
    """Return a table whose first columns are `texts` and whose others are numbers."""
    rules = ["---" if number < texts else "---:" for number in range(len(head))]
    lines = [_line(head), "|" + "|".join(rules) + "|", *(_line(row) for row in rows)]
    return "\n".join(lines)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def figure(number: float) -> str:
    """Return a number with three digits that count, and no more."""
    if number >= 100:
        return f"{number:,.0f}"
    if number >= 10:
        return f"{number:.1f}"
    return f"{number:.2f}"


def ratio(number: float, of: float) -> str:
    """Return how many times `of` goes into `number`."""
    return figure(number / of) if of else "-"


def megabytes(size: float) -> str:
    """Return bytes as MB."""
    return figure(size / 1e6)
