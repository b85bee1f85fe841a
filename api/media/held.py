"""Uploads that waited for ImageKit's word: published when it comes, failed when it is bad."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from api.database import Pool, QueryError
from api.imagekit.client import ImageKitClient
from api.imagekit.errors import FileIdMalformed, FileNotFound
from api.media.queue import HeldUpload
from api.publishing import FAIL_UPLOAD, PUBLISH_AVATAR, PUBLISH_VIDEO

_log = logging.getLogger("api.media")


async def finish_upload(pool: Pool, imagekit: ImageKitClient, upload: HeldUpload) -> str:
    """Ask ImageKit about the file and publish it; gives what became of the upload.

    A file that is not there may still come: the upload stays held until the database's patience
    with it ends. Raises the errors of `api.imagekit.errors` when ImageKit has no answer.
    """
    file = await _file(imagekit, upload)
    if file is None:
        return "uploads without file"
    if upload.purpose == "avatar":
        return await _publish_avatar(pool, upload, file)
    thumbnail = await _thumbnail(imagekit, upload)
    try:
        await PUBLISH_VIDEO.run_on(
            pool,
            upload.user_id.encode(),
            upload.ticket_id.encode(),
            msgspec.json.encode(file),
            None,
            None,
            _encoded(upload.thumbnail_ticket_id if thumbnail else None),
            None if thumbnail is None else msgspec.json.encode(thumbnail),
        )
    except QueryError as error:
        if error.message == "upload_mismatch":
            await _fail(pool, upload, upload.ticket_id, error, file)
            return "uploads failed"
        if error.message == "thumbnail_mismatch" and upload.thumbnail_ticket_id:
            # Without its picture it is published at the next turn.
            await _fail(pool, upload, upload.thumbnail_ticket_id, error, thumbnail)
            return "thumbnails failed"
        _log.warning("a held upload was refused: %s", error.message or error.sqlstate)
        return "uploads refused"
    return "uploads published"


async def _publish_avatar(pool: Pool, upload: HeldUpload, file: dict[str, Any]) -> str:
    try:
        await PUBLISH_AVATAR.run_on(
            pool,
            upload.user_id.encode(),
            upload.ticket_id.encode(),
            msgspec.json.encode(file),
        )
    except QueryError as error:
        if error.message == "avatar_mismatch":
            await _fail(pool, upload, upload.ticket_id, error, file)
            return "uploads failed"
        _log.warning("a held avatar was refused: %s", error.message or error.sqlstate)
        return "uploads refused"
    return "avatars published"


async def _file(imagekit: ImageKitClient, upload: HeldUpload) -> dict[str, Any] | None:
    """The file by the id the app gave, and if that is another or none, by where it should be."""
    if upload.file_id is not None:
        try:
            file = await imagekit.get_file(upload.file_id, patience=())
        except (FileNotFound, FileIdMalformed):
            pass
        else:
            if file.get("filePath") == f"{upload.folder}/{upload.file_name}":
                return file
    return await imagekit.find_file(upload.folder, upload.file_name)


async def _thumbnail(imagekit: ImageKitClient, upload: HeldUpload) -> dict[str, Any] | None:
    if upload.thumbnail_folder is None or upload.thumbnail_file_name is None:
        return None
    return await imagekit.find_file(upload.thumbnail_folder, upload.thumbnail_file_name)


async def _fail(
    pool: Pool,
    upload: HeldUpload,
    ticket_id: str,
    error: QueryError,
    file: dict[str, Any] | None,
) -> None:
    await FAIL_UPLOAD.run_on(
        pool,
        upload.user_id.encode(),
        ticket_id.encode(),
        (error.detail or error.message).encode(),
        msgspec.json.encode(file),
    )


def _encoded(value: str | None) -> bytes | None:
    return None if value is None else value.encode()
