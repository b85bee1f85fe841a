"""`POST /api/videos`: make a video of an uploaded file."""

from __future__ import annotations

from typing import Annotated

import msgspec

from api.admission import admit
from api.documented import Documented, answered
from api.envelope import success
from api.http import Answer, query, read_object, shaped, uuid
from api.mount import Asked, Endpoint
from api.publishing import Publication, find_upload, publish
from api.routes.examples import TICKET_ID, VIDEO
from api.routes.videos import text_parameter

MESSAGE = "Video uploaded successfully"
FileId = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Url = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]


class NewVideo(msgspec.Struct, forbid_unknown_fields=True):
    """An upload, by its ticket and the id ImageKit gave the file."""

    ticket_id: str
    file_id: FileId
    title: str | None = None
    description: str | None = None
    thumbnail_url: Url | None = None


class NewVideoByUrl(msgspec.Struct, forbid_unknown_fields=True):
    """The same as old apps send it: the URL must be that of an upload of one's own."""

    video_url: Url
    title: str | None = None
    description: str | None = None
    thumbnail_url: Url | None = None


async def publish_video(asked: Asked) -> Answer:
    """Publish an upload; asking again gives the same video."""
    query(asked.scope, frozenset())
    given = await read_object(asked.scope, asked.receive, required=True)
    user_id = (asked.identity.subject or "").encode()
    await admit(asked.services.pools, asked.identity, "publish_upload")
    body: NewVideo | NewVideoByUrl
    if "video_url" in given and "ticket_id" not in given:
        body = by_url = shaped(given, NewVideoByUrl)
        upload = await find_upload(asked.services, user_id, url=by_url.video_url)
        file_id = None
    else:
        body = by_ticket = shaped(given, NewVideo)
        ticket_id = uuid(by_ticket.ticket_id, "ticket_id")
        upload = await find_upload(asked.services, user_id, ticket_id=ticket_id)
        file_id = by_ticket.file_id
    thumbnail = None
    if body.thumbnail_url is not None:
        thumbnail = await find_upload(asked.services, user_id, url=body.thumbnail_url)
    video = await publish(
        asked.services,
        Publication(
            user_id=user_id,
            upload=upload,
            file_id=file_id,
            thumbnail=thumbnail,
            title=text_parameter(body.title),
            description=text_parameter(body.description),
        ),
    )
    if video is None:
        held = msgspec.json.encode({"ticket_id": upload.ticket_id, "state": "uploaded"})
        return success(held, MESSAGE, status=202)
    return success(video, MESSAGE, status=201)


ENDPOINTS = (
    Endpoint(
        Documented(
            method="POST",
            path="/api/videos",
            summary="Publish an uploaded file; the same call again gives the same video",
            who="user",
            status=201,
            bodies=(NewVideo, NewVideoByUrl),
            example=answered(
                VIDEO | {"views_count": 0, "likes_count": 0, "comments_count": 0}, MESSAGE
            ),
            also={
                202: "ImageKit cannot be asked now: {ticket_id, state}. Poll "
                f"`GET /api/uploads/{TICKET_ID}`, or send the same again."
            },
            errors={
                400: "title_too_long, title_invalid, description_too_long, description_invalid",
                403: "suspended",
                404: "upload_not_found",
                409: "upload_conflict",
                410: "upload_expired",
                422: "upload_mismatch, thumbnail_mismatch: the upload has failed, open a new one",
                429: "rate_limited",
            },
        ),
        publish_video,
    ),
)
