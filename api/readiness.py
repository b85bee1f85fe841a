"""Whether this instance should get traffic, and what a person should look at.

The checks are the database's own; this asks them once a second at most, whoever asks how often.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec

from api.calls import MediaCall, Pools
from api.database import BusyError, IdentityLostError, QueryError, UnavailableError

MIGRATIONS = Path(__file__).parents[1] / "db" / "migrations"
# Load balancers ask every few seconds each, and anybody may ask.
REMEMBERED_S = 1.0
ANSWERED_WITHIN_S = 3.0

_CHECK_HEALTH = MediaCall(
    "(select json_agg(c order by c.ok, c.name)::text from private.check_health($1) as c)"
)


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at: a number to watch, and what is wrong with it."""

    name: str
    ok: bool
    value: float | None = None
    detail: str | None = None


_decode = msgspec.json.Decoder(list[Check]).decode


def newest_migration(folder: Path = MIGRATIONS) -> bytes | None:
    """Return the version of the newest migration beside this code; None when none came along."""
    versions = [path.name.partition("_")[0] for path in folder.glob("*.sql")]
    return max(versions).encode() if versions else None


class Readiness:
    """The checks, asked of the database together by all who want to know at the same time."""

    def __init__(self, pools: Pools) -> None:
        """Ask through the pool of the upload functions; nothing is asked before `checks`."""
        self._pools = pools
        self._newest_migration = newest_migration()
        self._asking = asyncio.Lock()
        self._checks: list[Check] = []
        self._asked_at = float("-inf")

    async def checks(self) -> list[Check]:
        """Return every check, what is wrong first. A database that does not answer is one."""
        async with self._asking:
            if time.monotonic() - self._asked_at > REMEMBERED_S:
                self._checks = await self._ask()
                self._asked_at = time.monotonic()
            return self._checks

    async def _ask(self) -> list[Check]:
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_S):
                answer = await _CHECK_HEALTH.run(self._pools, self._newest_migration)
        except (BusyError, UnavailableError, TimeoutError):
            return [Check("database", ok=False, detail="The database does not answer.")]
        except (QueryError, IdentityLostError):
            return [Check("database", ok=False, detail="The database cannot be asked.")]
        return [*_decode(answer), Check("database", ok=True)]
