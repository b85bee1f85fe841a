"""`PUT /api/profile/avatar`: make an uploaded picture one's own."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, put
from litestar.datastructures import State

from api.documented import Documented, answered
from api.envelope import success
from api.http import query, read_object, shaped, uuid
from api.publishing import find_upload, publish_avatar
from api.routes.examples import TICKET_ID
from api.routes.uploads import Provided, respond

MESSAGE = "Avatar updated successfully"
AnyRequest = Request[Any, Any, State]


class NewAvatar(msgspec.Struct, forbid_unknown_fields=True):
    """An upload with purpose avatar, by its ticket and the id ImageKit gave the file."""

    ticket_id: str
    file_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


@put("/api/profile/avatar", include_in_schema=False)
async def set_avatar(request: AnyRequest, services: Provided) -> Response[bytes]:
    """Publish an avatar; asking again changes nothing."""
    _, user_id = await services.user(request.scope)
    query(request.scope, frozenset())
    given = await read_object(request.scope, request.receive, required=True)
    body = shaped(given, NewAvatar)
    upload = await find_upload(services, user_id, ticket_id=uuid(body.ticket_id, "ticket_id"))
    profile = await publish_avatar(services, user_id, upload, body.file_id)
    if profile is None:
        held = msgspec.json.encode({"ticket_id": upload.ticket_id, "state": "uploaded"})
        return respond(success(held, MESSAGE, status=202, private=True))
    return respond(success(profile, MESSAGE, private=True))


DOCUMENTED = (
    Documented(
        method="PUT",
        path="/api/profile/avatar",
        summary="Make an uploaded picture one's avatar; the one before is deleted",
        who="user",
        bodies=(NewAvatar,),
        example=answered(
            {
                "user_id": "5b1d0b34-4f43-4f2f-8a34-0d2f0c7f3a10",
                "username": "ada",
                "avatar": f"https://ik.imagekit.io/demo/avatars/2026-11-24/{TICKET_ID}.jpg",
                "verified": False,
            },
            MESSAGE,
        ),
        also={202: "ImageKit cannot be asked now: {ticket_id, state}. It is set when it can."},
        errors={
            404: "upload_not_found",
            409: "upload_conflict",
            410: "upload_expired",
            422: "avatar_mismatch: the upload has failed, open a new one",
        },
    ),
)
HANDLERS = (set_avatar,)
