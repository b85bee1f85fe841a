"""Deleting at ImageKit, and listing what is there: for workers that retry by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
import imagekitio
from imagekitio import AsyncImageKit

from api.imagekit.account import ImageKitAccount
from api.imagekit.client import FILE_ID, json_of, understood_errors
from api.imagekit.errors import FileIdMalformed, FileNotFound, FolderTooLarge, ImageKitUnavailable

BULK = 100
"""How many files ImageKit deletes in one call."""

PAGE = 1000
"""How many entries it lists in one call."""

FOLDER_TIMEOUT_S = 300.0
"""A folder is deleted while one waits."""

LISTINGS = 5
"""How often a folder is listed anew that changes meanwhile."""

Listed = dict[str, Any]


@dataclass(slots=True)
class BulkOutcome:
    """What became of each file of a bulk delete."""

    deleted: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)


async def _at_once() -> None:
    """Hold no write back."""


class Storage:
    """ImageKit's files and folders. Nothing is retried here: whoever asks keeps count.

    Raises the errors of ``api.imagekit.errors``.
    """

    def __init__(
        self,
        account: ImageKitAccount,
        *,
        timeout: float = 30.0,
        before_write: Callable[[], Awaitable[None]] = _at_once,
    ) -> None:
        """Prepare the connections; nothing is sent yet.

        ``before_write`` is awaited before every call that changes something, those included that
        one method makes after another: it may wait, or raise to have nothing sent any more.
        """
        self._before_write = before_write
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
        await self._before_write()
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
        if not FILE_ID.fullmatch(file_id):
            message = "this is not a file id"
            raise FileIdMalformed(message)
        await self._before_write()
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
        await self._before_write()
        try:
            with understood_errors():
                await self._delete_folder(path)
        except FileNotFound:
            return False
        return True

    async def _delete_folder(self, path: str) -> None:
        try:
            await self._sdk.folders.delete(folder_path=path, timeout=FOLDER_TIMEOUT_S)
        except imagekitio.BadRequestError as error:
            body = error.body if isinstance(error.body, dict) else {}
            if body.get("reason") == "TOO_MANY_OBJECTS":
                message = "the folder holds more than ImageKit deletes in one call"
                raise FolderTooLarge(message) from None
            raise

    async def list_files(self, folder: str, *, most: int | None = None) -> list[Listed]:
        """The files directly in a folder: all of them, or about the first so many."""
        if most is not None:
            return await self._first(folder, most)
        return await self._all(folder, "file", "filePath")

    async def list_folders(self, folder: str) -> list[str]:
        """The paths of the folders directly in a folder."""
        found = await self._all(folder, "folder", "folderPath")
        return [str(one["folderPath"]) for one in found]

    async def _first(self, folder: str, most: int) -> list[Listed]:
        found: list[Listed] = []
        while len(found) < most:
            page = await self._page(folder, "file", len(found))
            found += page
            if len(page) < PAGE:
                break
        return found

    async def _all(self, folder: str, kind: Any, key: str) -> list[Listed]:
        for _ in range(LISTINGS):
            found = await self._listed_in_peace(folder, kind, key)
            if found is not None:
                return found
        message = "the folder changes faster than it can be listed"
        raise ImageKitUnavailable(message)

    async def _listed_in_peace(self, folder: str, kind: Any, key: str) -> list[Listed] | None:
        """All entries; None when some went or came before the place that was reached.

        Pages are counted from the folder's beginning: when an entry of an earlier page goes, one
        that was not listed yet moves there unseen. So each page begins with the last entry of the
        one before it, and the two must be the same.
        """
        found: list[Listed] = []
        while True:
            overlap = 1 if found else 0
            page = await self._page(folder, kind, len(found) - overlap)
            if overlap and (not page or page[0].get(key) != found[-1].get(key)):
                return None
            found += page[overlap:]
            if len(page) < PAGE:
                return found

    async def _page(self, folder: str, kind: Any, skip: int) -> list[Listed]:
        with understood_errors():
            response = await self._sdk.assets.with_raw_response.list(
                path=folder, type=kind, limit=PAGE, skip=skip, sort="ASC_NAME"
            )
        page = json_of(response.http_response)
        if not isinstance(page, list):
            message = "ImageKit's list of files is no list"
            raise ImageKitUnavailable(message)
        return page

    async def purge(self, url: str) -> None:
        """Have the CDN forget its copies of a URL; one `*` at its end stands for anything."""
        await self._before_write()
        with understood_errors():
            await self._sdk.cache.invalidation.create(url=url)
