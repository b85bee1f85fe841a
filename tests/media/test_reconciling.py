"""Reconciling that races people finds no problem where there is none."""

from __future__ import annotations

import asyncio
from typing import Any

from api.imagekit.storage import Storage
from api.media.queue import Problem, Queue
from api.media.reconciling import reconcile
from api.media.running import opened
from tests.media.lab import Lab, folder


class Overtaken(Storage):
    """Lists, and before it can be compared somebody publishes another video there."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab.account)
        self.lab, self.is_first = lab, True

    async def list_files(self, folder: str, *, most: int | None = None) -> list[dict[str, Any]]:
        files = await super().list_files(folder, most=most)
        if self.is_first:
            self.is_first = False
            await asyncio.to_thread(self.lab.video, "bob", folder)
        return files


def test_what_is_published_after_the_list_was_made_is_not_missing(lab: Lab) -> None:
    lab.video("ada", folder())

    async def run() -> list[Problem]:
        async with opened(lab.settings) as pool, Overtaken(lab) as storage:
            found = reconcile(Queue(pool), storage, [folder()], apply=True)
            return [problem async for problem in found]

    assert asyncio.run(run()) == []
    assert lab.one("select count(*) from public.videos") == 2
    assert lab.alarms() == []
