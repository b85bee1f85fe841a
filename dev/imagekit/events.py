"""What happened in the media library, in the shape ImageKit's webhooks would tell it."""

from __future__ import annotations

import json
import sqlite3
import uuid
from collections.abc import Iterable
from typing import Any

# A retired day deletes a hundred thousand files; nobody reads further back than this.
KEPT_EVENTS = 20_000

Event = tuple[str, dict[str, Any]]
"""A type such as ``file.deleted``, and its data."""


def record_events(connection: sqlite3.Connection, at: str, events: Iterable[Event]) -> None:
    """Append events, inside the transaction that made them true."""
    connection.executemany(
        "insert into events (event) values (?)",
        (
            (json.dumps({"id": str(uuid.uuid4()), "type": kind, "created_at": at, "data": data}),)
            for kind, data in events
        ),
    )
    connection.execute(
        "delete from events where number <= (select max(number) from events) - ?", (KEPT_EVENTS,)
    )


def list_events(connection: sqlite3.Connection, after: int) -> list[dict[str, Any]]:
    """The events after a number, oldest first, each with its number."""
    rows = connection.execute(
        "select number, event from events where number > ? order by number", (after,)
    )
    return [{"number": row["number"], **json.loads(row["event"])} for row in rows]


def last_event(connection: sqlite3.Connection) -> int:
    """The number of the newest event; 0 when there is none."""
    row = connection.execute("select coalesce(max(number), 0) from events").fetchone()
    return int(row[0])
