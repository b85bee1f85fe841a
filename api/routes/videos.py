"""`/api/videos/{id}`: one video, and what people do with it."""

from __future__ import annotations

import msgspec

from api.calls import Call
from api.documented import Documented, answered
from api.envelope import success
from api.http import Answer, query, read_object, shaped, while_client_waits
from api.mount import Asked, Endpoint
from api.routes.examples import VIDEO, VIDEO_ID
from api.view_counter import RECORD_VIEW

VIDEO_ERRORS = {404: "video_not_found", 410: "video_expired (to its owner)"}
# What every write meets first.
WRITE_ERRORS = {403: "suspended", 429: "rate_limited"}

GET_VIDEO = Call(
    "(select private.video_as_json(v)::text from public.get_video(video_id => $2::uuid) as v)",
    parameters=1,
)
UPDATE_VIDEO = Call(
    """(select private.video_as_json(v)::text from public.update_video(
        video_id => $2::uuid, title => $3::text, description => $4::text
    ) as v)""",
    parameters=3,
)
DELETE_VIDEO = Call(
    "(select count(*)::text from public.delete_video(video_id => $2::uuid))", parameters=1
)
LIKE_VIDEO = Call(
    """(select array[row_to_json(l)::text, l.liked::text]
        from public.like_video(video_id => $2::uuid, liked => $3::boolean) as l)""",
    parameters=2,
    columns=2,
)


class VideoChange(msgspec.Struct, forbid_unknown_fields=True):
    """What an owner may change; an absent or null field stays, an empty text clears."""

    title: str | None = None
    description: str | None = None


class Like(msgspec.Struct, forbid_unknown_fields=True):
    """The state a like should have; without it the like is turned round."""

    liked: bool | msgspec.UnsetType = msgspec.UNSET


class Nothing(msgspec.Struct, forbid_unknown_fields=True):
    """An empty object."""


async def get_video(asked: Asked) -> Answer:
    """Answer one video, and ask for a view once the answer is made."""
    query(asked.scope, frozenset())
    (video_id,) = asked.ids
    row = await while_client_waits(
        asked.receive,
        lambda: GET_VIDEO.run(asked.services.pools, asked.identity, None, video_id),
    )
    asked.services.views.ask(asked.identity, asked.address, video_id)
    return success(row[0], "Video retrieved successfully")


async def update_video(asked: Asked) -> Answer:
    """Change title or description."""
    (video_id,) = asked.ids
    change = shaped(await read_object(asked.scope, asked.receive, required=True), VideoChange)
    row = await while_client_waits(
        asked.receive,
        lambda: UPDATE_VIDEO.run(
            asked.services.pools,
            asked.identity,
            None,
            video_id,
            text_parameter(change.title),
            text_parameter(change.description),
        ),
    )
    return success(row[0], "Video updated successfully")


async def delete_video(asked: Asked) -> Answer:
    """Delete a video; saying it twice is fine."""
    (video_id,) = asked.ids
    query(asked.scope, frozenset())
    await DELETE_VIDEO.run(asked.services.pools, asked.identity, None, video_id)
    return success(None, "Video deleted successfully")


async def like_video(asked: Asked) -> Answer:
    """Set or turn round the caller's like."""
    (video_id,) = asked.ids
    query(asked.scope, frozenset())
    wish = shaped(await read_object(asked.scope, asked.receive, required=False), Like).liked
    liked = None if wish is msgspec.UNSET else b"true" if wish else b"false"
    data, now_liked = await while_client_waits(
        asked.receive,
        lambda: LIKE_VIDEO.run(asked.services.pools, asked.identity, None, video_id, liked),
    )
    done = "liked" if now_liked == b"true" else "unliked"
    return success(data, f"Video {done} successfully")


async def record_view(asked: Asked) -> Answer:
    """Count a view because the app says that somebody watched."""
    (video_id,) = asked.ids
    query(asked.scope, frozenset())
    shaped(await read_object(asked.scope, asked.receive, required=False), Nothing)
    row = await while_client_waits(
        asked.receive,
        lambda: RECORD_VIEW.run(asked.services.pools, asked.identity, asked.address, video_id),
    )
    data = b'{"counted":%s}' % (row[0] or b"false")
    return success(data, "View recorded successfully")


def text_parameter(text: str | None) -> bytes | None:
    """Return a text as a statement's parameter."""
    return None if text is None else text.encode()


ENDPOINTS = (
    Endpoint(
        Documented(
            method="GET",
            path="/api/videos/{id}",
            summary="One video; a view is counted afterwards, if one is due",
            example=answered(VIDEO, "Video retrieved successfully"),
            errors=VIDEO_ERRORS,
        ),
        get_video,
    ),
    Endpoint(
        Documented(
            method="PATCH",
            path="/api/videos/{id}",
            summary="Change title or description of an own video",
            who="user",
            bodies=(VideoChange,),
            example=answered(VIDEO, "Video updated successfully"),
            errors=VIDEO_ERRORS
            | WRITE_ERRORS
            | {400: "title_too_long, title_invalid, description_too_long, ..."},
        ),
        update_video,
    ),
    Endpoint(
        Documented(
            method="DELETE",
            path="/api/videos/{id}",
            summary="Delete an own video; again is fine",
            who="user",
            example=answered(None, "Video deleted successfully"),
            errors=VIDEO_ERRORS | WRITE_ERRORS,
        ),
        delete_video,
    ),
    Endpoint(
        Documented(
            method="POST",
            path="/api/videos/{id}/like",
            summary="Like or unlike; without a body it is turned round",
            who="user",
            bodies=(Like,),
            body_required=False,
            example=answered({"liked": True, "likes_count": 4}, "Video liked successfully"),
            errors=VIDEO_ERRORS | WRITE_ERRORS,
        ),
        like_video,
    ),
    Endpoint(
        Documented(
            method="POST",
            path="/api/videos/{id}/view",
            summary="Say that a video was watched; one view per viewer and half hour counts",
            bodies=(Nothing,),
            body_required=False,
            example=answered({"counted": True}, "View recorded successfully"),
            errors=VIDEO_ERRORS | WRITE_ERRORS,
        ),
        record_view,
    ),
)

__all__ = ["ENDPOINTS", "VIDEO_ERRORS", "VIDEO_ID", "WRITE_ERRORS", "text_parameter"]
