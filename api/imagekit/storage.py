"""Deleting at ImageKit, and listing what is there: for workers that retry by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import imagekitio
from imagekitio import AsyncImageKit

from api.imagekit.account import ImageKitAccount
from api.imagekit.client import json_of, understood_errors
from api.imagekit.errors import FileIdMalformed, FileNotFound, FolderTooLarge, ImageKitUnavailable

BULK = 100
"""How many files ImageKit deletes in one call."""

PAGE = 1000
"""How many entries it lists in one call."""

FOLDER_TIMEOUT_S = 300.0
"""A folder is deleted while one waits."""

Listed = dict[str, Any]


@dataclass(slots=True)
class BulkOutcome:
    """What became of each file of a bulk delete."""

    deleted: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)


class Storage:
    """ImageKit's files and folders. Nothing is retried here: whoever asks keeps count.

    Raises the errors of ``api.imagekit.errors``.
    """

    def __init__(self, account: ImageKitAccount, *, timeout: float = 30.0) -> None:
        """Prepare the connections; nothing is sent yet."""
        self._sdk = AsyncImageKit(
            private_key=account.private_key,
            base_url=account.api_base,
            timeout=httpx.Timeout(timeout),
            max_retries=0,
        )

    async def __aenter__(self) -> Self:
        """Use it for the length of a block."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connections at the end of the block."""
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._sdk.close()

    async def delete_files(self, file_ids: Sequence[str]) -> BulkOutcome:
        """Delete up to 100 files in one call, and a further one for each answer that names some
        that are not there.

        ImageKit deletes nothing when it misses one of them, so those are taken out and the rest is
        sent again. ``FileIdMalformed`` when one of the ids can be no id: then ask for each singly.
        """
        outcome = BulkOutcome()
        wanted = list(file_ids)
        while wanted:
            try:
                with understood_errors(bad_request=FileIdMalformed):
                    missing = await self._delete_bulk(wanted, outcome)
            except FileNotFound:
                message = "ImageKit misses files and does not say which"
                raise ImageKitUnavailable(message) from None
            if not missing:
                break
            outcome.gone |= missing
            wanted = [file_id for file_id in wanted if file_id not in missing]
        return outcome

    async def _delete_bulk(self, wanted: Sequence[str], outcome: BulkOutcome) -> set[str]:
        """Send one bulk delete; gives the ids that ImageKit does not have."""
        try:
            response = await self._sdk.files.bulk.with_raw_response.delete(file_ids=list(wanted))
        except imagekitio.NotFoundError as error:
            body = error.body if isinstance(error.body, dict) else {}
            missing = set(body.get("missingFileIds") or ()) & set(wanted)
            if not missing:
                raise
            return missing
        answer = json_of(response.http_response)
        problems = answer.get("errors") or []
        outcome.failed |= {one["fileId"]: str(one.get("error"))[:200] for one in problems}
        named = set(answer.get("successfullyDeletedFileIds") or ())
        outcome.deleted |= named & set(wanted)
        unanswered = set(wanted) - outcome.deleted - outcome.failed.keys()
        outcome.failed |= dict.fromkeys(unanswered, "ImageKit did not say what became of it")
        return set()

    async def delete_file(self, file_id: str) -> bool:
        """Delete one file; False when it was not there. ``FileIdMalformed`` when it is no id."""
        try:
            with understood_errors(bad_request=FileIdMalformed):
                await self._sdk.files.delete(file_id)
        except FileNotFound:
            return False
        return True

    async def delete_folder(self, path: str) -> bool:
        """Delete a folder and all in it; False when it was not there. ``FolderTooLarge`` when it
        holds more than ImageKit deletes in one call: then nothing was deleted.
        """
        try:
            with understood_errors(bad_request=FolderTooLarge):
                await self._sdk.folders.delete(folder_path=path, timeout=FOLDER_TIMEOUT_S)
        except FileNotFound:
            return False
        return True

    async def list_files(self, folder: str, *, most: int | None = None) -> list[Listed]:
        """The files directly in a folder, all of them or the first so many."""
        return await self._list(folder, "file", most)

    async def list_folders(self, folder: str) -> list[str]:
        """The paths of the folders directly in a folder."""
        return [str(one["folderPath"]) for one in await self._list(folder, "folder", None)]

    async def _list(self, folder: str, kind: Any, most: int | None) -> list[Listed]:
        found: list[Listed] = []
        while most is None or len(found) < most:
            with understood_errors():
                response = await self._sdk.assets.with_raw_response.list(
                    path=folder, type=kind, limit=PAGE, skip=len(found), sort="ASC_NAME"
                )
            page = json_of(response.http_response)
            if not isinstance(page, list):
                message = "ImageKit's list of files is no list"
                raise ImageKitUnavailable(message)
            found += page
            if len(page) < PAGE:
                break
        return found

    async def purge(self, url: str) -> None:
        """Have the CDN forget its copies of a URL; one `*` at its end stands for anything."""
        with understood_errors():
            await self._sdk.cache.invalidation.create(url=url)
