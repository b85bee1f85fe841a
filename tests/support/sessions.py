"""Sessions side by side: for tests of what happens at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

Connection = psycopg.Connection[Any]
Connect = Callable[..., Connection]

# Long enough for a statement that waits for nobody, however slow the machine.
PATIENCE = "set lock_timeout = '2s'"


def value(session: Connection, query: str, *parameters: Any) -> Any:
    """The one value a query gives."""
    row = session.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return row[0]


def wait_until_blocked(observer: Connection, session: Connection) -> None:
    """Return as soon as a session's statement waits for another session."""
    for _ in range(200):
        blocked = "select cardinality(pg_blocking_pids(%s)) > 0"
        if value(observer, blocked, session.info.backend_pid):
            return
        time.sleep(0.01)
    pytest.fail("The second session did not wait for the first.")
