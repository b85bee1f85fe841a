"""What people see while a deploy runs: one line per step, and the server's notices."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter

from psycopg import Connection
from psycopg.errors import Diagnostic


@dataclass
class Step:
    """A step under way; say in `did` what it did, and in `details` a line for each thing."""

    did: str = "nothing to do"
    details: list[str] = field(default_factory=list)


@contextmanager
def step(name: str) -> Iterator[Step]:
    """Time a step and print its line when it has succeeded."""
    begun = perf_counter()
    current = Step()
    yield current
    milliseconds = (perf_counter() - begun) * 1000
    say(f"  {name:<12} {current.did:<52} {milliseconds:>6.0f} ms")
    for detail in current.details:
        say(f"    {detail}")


def say(text: str) -> None:
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def show_notices(conn: Connection) -> None:
    """Print what SQL files `raise`."""
    conn.add_notice_handler(_show)


def _show(notice: Diagnostic) -> None:
    severity = (notice.severity_nonlocalized or "notice").lower()
    say(f"    {severity}: {notice.message_primary}")
    if notice.message_hint:
        say(f"      hint: {notice.message_hint}")


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
