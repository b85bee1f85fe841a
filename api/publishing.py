"""From an uploaded file to a video: the ticket, ImageKit's word about the file, then Postgres.

What counts as the right file is decided in the database, from what ImageKit itself says about it.
No connection is held while ImageKit is asked.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from api.calls import MediaCall
from api.database import QueryError
from api.errors import Failure, refused
from api.imagekit.client import ImageKitClient
from api.imagekit.errors import FileIdMalformed, FileNotFound, ImageKitError
from api.services import Services

FIND_UPLOAD = MediaCall(
    """(select row_to_json(u)::text from private.find_upload(
        user_id => $1::text, ticket_id => $2::uuid, url => $3::text
    ) as u)"""
)
PUBLISH_VIDEO = MediaCall(
    # A repeated call for a video that is gone gives a row of nulls; here an empty text.
    """(select case when v.id is null then '' else private.video_as_json(v)::text end
        from private.publish_video(
            user_id => $1::text,
            ticket_id => $2::uuid,
            file => $3::jsonb,
            title => $4::text,
            description => $5::text,
            thumbnail_ticket_id => $6::uuid,
            thumbnail_file => $7::jsonb
        ) as v)"""
)
HOLD_UPLOAD = MediaCall(
    """private.hold_upload(
        user_id => $1::text,
        ticket_id => $2::uuid,
        file_id => $3::text,
        title => $4::text,
        description => $5::text,
        thumbnail_ticket_id => $6::uuid
    )"""
)
FAIL_UPLOAD = MediaCall(
    """private.fail_upload(
        user_id => $1::text, ticket_id => $2::uuid, reason => $3::text, file => $4::jsonb
    )::text"""
)
PUBLISH_AVATAR = MediaCall(
    """(select json_build_object(
        'user_id', p.user_id,
        'username', p.username,
        'avatar', p.avatar,
        'verified', p.verified
    )::text from private.publish_avatar(
        user_id => $1::text, ticket_id => $2::uuid, file => $3::jsonb
    ) as p)"""
)

# A client waits for this answer; after that the upload is held and finished later.
IMAGEKIT_PATIENCE_S = 8.0

_log = logging.getLogger("api.publishing")


class Upload(msgspec.Struct):
    """The part of `private.find_upload`'s row that publishing needs."""

    ticket_id: str
    folder: str
    file_name: str
    state: str
    file_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a person asks to publish, and where its files should be."""

    user_id: bytes
    upload: Upload
    # Without it the file is looked up by the ticket's own folder and name.
    file_id: str | None
    thumbnail: Upload | None
    title: bytes | None
    description: bytes | None


async def find_upload(
    services: Services, user_id: bytes, *, ticket_id: bytes | None = None, url: str | None = None
) -> Upload:
    """Return one of this person's uploads, by ticket or by the URL its file will have."""
    found = await FIND_UPLOAD.run(
        services.pools, user_id, ticket_id, None if url is None else url.encode()
    )
    return msgspec.json.decode(found, type=Upload)


async def publish(services: Services, wanted: Publication) -> bytes | None:
    """Return the video as JSON, or None when ImageKit cannot be asked: the upload is then held."""
    if wanted.upload.state == "published":
        return await _published_before(services, wanted)
    try:
        async with asyncio.timeout(IMAGEKIT_PATIENCE_S):
            file, thumbnail_file = await _files(services.imagekit, wanted)
    except (FileNotFound, FileIdMalformed):
        raise no_such_file() from None
    except (ImageKitError, TimeoutError) as error:
        _log.warning("an upload is held, ImageKit gave no word: %s", type(error).__name__)
        return await _hold(services, wanted)
    return await _publish(services, wanted, file, thumbnail_file)


async def _publish(
    services: Services,
    wanted: Publication,
    file: dict[str, Any],
    thumbnail_file: dict[str, Any] | None,
) -> bytes:
    try:
        video = await PUBLISH_VIDEO.run(
            services.pools,
            wanted.user_id,
            wanted.upload.ticket_id.encode(),
            msgspec.json.encode(file),
            wanted.title,
            wanted.description,
            None if wanted.thumbnail is None else wanted.thumbnail.ticket_id.encode(),
            None if thumbnail_file is None else msgspec.json.encode(thumbnail_file),
        )
    except QueryError as error:
        if error.message == "upload_mismatch":
            await give_up(services, wanted.user_id, wanted.upload, error, file)
        elif error.message == "thumbnail_mismatch" and wanted.thumbnail is not None:
            await give_up(services, wanted.user_id, wanted.thumbnail, error, thumbnail_file)
        raise
    if not video:
        raise refused(404, "video_not_found", "The video published with this is gone.")
    return video


async def give_up(
    services: Services,
    user_id: bytes,
    upload: Upload,
    error: QueryError,
    file: dict[str, Any] | None,
) -> None:
    """Have the database end an upload whose file it refused, and order that file deleted.

    Refusing rolls back, so this is a statement of its own. The database does nothing when the
    file lies at another path than the ticket's: then it is somebody else's.
    """
    await FAIL_UPLOAD.run(
        services.pools,
        user_id,
        upload.ticket_id.encode(),
        (error.detail or error.message).encode(),
        msgspec.json.encode(file),
    )


async def publish_avatar(
    services: Services, user_id: bytes, upload: Upload, file_id: str
) -> bytes | None:
    """Make an uploaded picture the person's avatar and return the profile as JSON.

    None when ImageKit cannot be asked: the upload is then held.
    """
    if upload.state == "published":
        file: dict[str, Any] = {"fileId": file_id}
    else:
        try:
            async with asyncio.timeout(IMAGEKIT_PATIENCE_S):
                file = await services.imagekit.get_file(file_id)
        except (FileNotFound, FileIdMalformed):
            raise no_such_file() from None
        except (ImageKitError, TimeoutError) as error:
            _log.warning("an avatar is held, ImageKit gave no word: %s", type(error).__name__)
            await HOLD_UPLOAD.run(
                services.pools, user_id, upload.ticket_id.encode(), file_id.encode(), *[None] * 3
            )
            return None
    try:
        return await PUBLISH_AVATAR.run(
            services.pools, user_id, upload.ticket_id.encode(), msgspec.json.encode(file)
        )
    except QueryError as error:
        if error.message == "avatar_mismatch":
            await give_up(services, user_id, upload, error, file)
        raise


def no_such_file() -> Failure:
    """Return the answer to an upload whose file ImageKit does not have."""
    details = "ImageKit has no such file."
    return refused(404, "upload_not_found", details, "Post the file to ImageKit first.")


async def _published_before(services: Services, wanted: Publication) -> bytes:
    """Return the video there is. Of a published upload Postgres compares only the file's id."""
    file_id = wanted.file_id or wanted.upload.file_id
    return await _publish(services, wanted, {"fileId": file_id}, None)


async def _hold(services: Services, wanted: Publication) -> bytes | None:
    state = await HOLD_UPLOAD.run(
        services.pools,
        wanted.user_id,
        wanted.upload.ticket_id.encode(),
        None if wanted.file_id is None else wanted.file_id.encode(),
        wanted.title,
        wanted.description,
        None if wanted.thumbnail is None else wanted.thumbnail.ticket_id.encode(),
    )
    if state != b"published":
        return None
    # Another request of this person was quicker.
    ticket_id = wanted.upload.ticket_id.encode()
    upload = await find_upload(services, wanted.user_id, ticket_id=ticket_id)
    return await _published_before(services, replace(wanted, upload=upload))


async def _files(
    imagekit: ImageKitClient, wanted: Publication
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Ask ImageKit for the file's details, and the thumbnail's."""
    if wanted.file_id is not None:
        file = await imagekit.get_file(wanted.file_id)
    else:
        file = await _by_name(imagekit, wanted.upload)
    if wanted.thumbnail is None:
        return file, None
    return file, await _by_name(imagekit, wanted.thumbnail)


async def _by_name(imagekit: ImageKitClient, upload: Upload) -> dict[str, Any]:
    file = await imagekit.find_file(upload.folder, upload.file_name)
    if file is None:
        raise FileNotFound
    return file
