"""Lists are complete whatever happens meanwhile, and refusals mean what they say."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from api.imagekit.errors import ImageKitUnavailable
from api.imagekit.storage import LISTINGS, PAGE, Storage
from tests.media.lab import Lab, folder

LIST = "^/v1/files$"


def deleted(lab: Lab, file_id: str) -> None:
    """Delete a file behind everybody's back."""
    address = f"{lab.standin.base_url}/v1/files/{file_id}"
    httpx.delete(address, auth=(lab.standin.private_key, "")).raise_for_status()


class Meddler(Storage):
    """Lists, while somebody deletes a file of the first page after each first page."""

    def __init__(self, lab: Lab, doomed: list[str]) -> None:
        super().__init__(lab.account)
        self.lab, self.doomed = lab, doomed

    async def _page(self, folder: str, kind: Any, skip: int) -> list[dict[str, Any]]:
        page = await super()._page(folder, kind, skip)
        if not skip and self.doomed:
            await asyncio.to_thread(deleted, self.lab, self.doomed.pop())
        return page


def listed(storage: Storage) -> list[dict[str, Any]]:
    async def ask() -> list[dict[str, Any]]:
        async with storage:
            return await storage.list_files(folder())

    return asyncio.run(ask())


def names(how_many: int) -> list[str]:
    return [f"{number:05}.mp4" for number in range(how_many)]


@pytest.mark.parametrize("size", [0, 1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
def test_a_folder_is_listed_whole(lab: Lab, size: int) -> None:
    ids = lab.add_files(folder(), names(size))
    assert [one["fileId"] for one in listed(Storage(lab.account))] == ids


def test_a_file_that_goes_meanwhile_hides_no_other(lab: Lab) -> None:
    ids = lab.add_files(folder(), names(PAGE + 200))
    found = {one["fileId"] for one in listed(Meddler(lab, [ids[3], ids[4]]))}
    assert found == set(ids) - {ids[3], ids[4]}


def test_a_folder_that_never_rests_is_an_error_and_no_short_list(lab: Lab) -> None:
    ids = lab.add_files(folder(), names(PAGE + 200))
    with pytest.raises(ImageKitUnavailable, match="faster than it can be listed"):
        listed(Meddler(lab, ids[:LISTINGS]))


def test_a_refusal_that_is_not_about_size_is_an_attempt_and_splits_nothing(lab: Lab) -> None:
    lab.add_files(folder(20), names(3))
    order = lab.order("folder", folder(20), reason="retired")
    lab.standin.fault("^/v1/folder$", status=400, times=1)
    assert "folders split" not in lab.work()
    row = lab.owner.execute(
        "select state, attempts from private.media_deletions where id = %s", (order,)
    ).fetchone()
    assert row == ("queued", 1)
    lab.make_due()
    assert lab.work()["folders deleted"] == 1
    assert lab.files() == 0


def test_a_folder_too_large_by_what_lies_below_it_is_given_up_in_the_end(lab: Lab) -> None:
    lab.standin.limit(folder_objects=10)
    lab.add_files(f"{folder(20)}/below", names(30))
    lab.order("folder", folder(20), reason="retired")
    for _ in range(12):
        lab.work()
        lab.make_due()
    assert lab.states() == {"dead": 1}
    assert lab.alarms() == ["media_dead"]
