"""Listens for the word that the schema has changed: `notify pgrst, 'reload schema'`.

Nothing depends on it: what is missing or fits no more is looked for again in any case.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.catalogue import Catalogue
from api.database import BusyError, QueryError, UnavailableError
from api.listener import Listener

CHANNEL = "pgrst"
# Of many words at once, as a deploy may send them, one is enough.
SETTLE_S = 0.05

_log = logging.getLogger("api.database")


@asynccontextmanager
async def listening(url: str, catalogue: Catalogue) -> AsyncIterator[None]:
    """Keep `catalogue` as it should be for as long as the context lasts."""
    changed = asyncio.Event()
    # What was said while nobody listened counts as said.
    listener = Listener(url, CHANNEL, lambda _: changed.set(), changed.set)
    await listener.open()
    task = asyncio.create_task(_reload_for_ever(changed, catalogue))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await listener.close()


async def _reload_for_ever(changed: asyncio.Event, catalogue: Catalogue) -> None:
    while True:
        await changed.wait()
        await asyncio.sleep(SETTLE_S)
        changed.clear()
        await _reload(catalogue)


async def _reload(catalogue: Catalogue) -> None:
    try:
        await catalogue.reload()
    except (BusyError, UnavailableError, QueryError) as error:
        _log.warning("the schema was not read: %s", type(error).__name__)
