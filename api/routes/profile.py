"""`/api/profile`: an avatar of one's own, all one's data, and the end of them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote_from_bytes

import msgspec
from litestar import Request, Response, delete, get, put
from litestar.datastructures import State

from api.admission import admit
from api.calls import Call
from api.documented import Documented, answered
from api.envelope import envelope, success
from api.http import JSON, Answer, query, read_object, shaped, uuid
from api.publishing import find_upload, publish_avatar
from api.routes.examples import TICKET_ID, VIDEO_ID
from api.routes.uploads import Provided, respond

MESSAGE = "Avatar updated successfully"
EXPORTED = "Data exported successfully"
ERASED = "Account erased successfully"
AnyRequest = Request[Any, Any, State]


EXPORT = Call(
    """(select array[e.document::text, e.document ->> 'next']
        from public.export_my_data(after => $2::jsonb) as e (document))""",
    parameters=1,
    columns=2,
)
ERASE = Call("(select public.erase_me()::text)", parameters=0)


class NewAvatar(msgspec.Struct, forbid_unknown_fields=True):
    """An upload with purpose avatar, by its ticket and the id ImageKit gave the file."""

    ticket_id: str
    file_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


@put("/api/profile/avatar", include_in_schema=False)
async def set_avatar(request: AnyRequest, services: Provided) -> Response[bytes]:
    """Publish an avatar; asking again changes nothing."""
    identity, user_id = await services.user(request.scope)
    query(request.scope, frozenset())
    given = await read_object(request.scope, request.receive, required=True)
    body = shaped(given, NewAvatar)
    await admit(services.pools, identity, "publish_upload")
    upload = await find_upload(services, user_id, ticket_id=uuid(body.ticket_id, "ticket_id"))
    profile = await publish_avatar(services, user_id, upload, body.file_id)
    if profile is None:
        held = msgspec.json.encode({"ticket_id": upload.ticket_id, "state": "uploaded"})
        return respond(success(held, MESSAGE, status=202))
    return respond(success(profile, MESSAGE))


@get("/api/profile/export", include_in_schema=False)
async def export_data(request: AnyRequest, services: Provided) -> Response[bytes]:
    """Hand out what there is about the caller; where it is too much, say how to go on."""
    identity, _ = await services.user(request.scope)
    given = query(request.scope, frozenset({"after"}))
    after = given["after"].encode() if "after" in given else None
    document, following = await EXPORT.run(services.pools, identity, None, after)
    answer = Answer(200, envelope(document or b"null", EXPORTED), [JSON])
    if following is not None:
        target = b"/api/profile/export?after=" + quote_from_bytes(following, safe="").encode()
        answer.headers.append((b"link", b'<%s>; rel="next"' % target))
    return respond(answer)


@delete("/api/profile", status_code=200, include_in_schema=False)
async def erase(request: AnyRequest, services: Provided) -> Response[bytes]:
    """Erase the caller; asking again is fine."""
    identity, _ = await services.user(request.scope)
    query(request.scope, frozenset())
    (finished,) = await ERASE.run(services.pools, identity, None)
    data = msgspec.json.encode({"finished": finished == b"true"})
    status = 200 if finished == b"true" else 202
    return respond(success(data, ERASED, status=status))


DOCUMENTED = (
    Documented(
        method="GET",
        path="/api/profile/export",
        summary="All there is about the caller, up to 1000 entries of each list at a time",
        who="user",
        query={"after": "The `next` of the answer before, as JSON; the Link header has it."},
        example=answered(
            {
                "user_id": "5b1d0b34-4f43-4f2f-8a34-0d2f0c7f3a10",
                "exported_at": "2026-11-24T08:45:00.000Z",
                "profile": {
                    "username": "ada",
                    "avatar": None,
                    "verified": False,
                    "created_at": "2026-11-24T08:00:00.000Z",
                    "updated_at": "2026-11-24T08:00:00.000Z",
                },
                "lists": {
                    "videos": [],
                    "comments": [],
                    "likes": [],
                    "views": [{"video_id": VIDEO_ID, "viewed_from": ["2026-11-24T08:30:00.000Z"]}],
                    "uploads": [],
                    "reports": [],
                    "ended_videos": [],
                    "suspensions": [],
                    "blocks": [],
                },
                "next": None,
            },
            EXPORTED,
        ),
        headers={"Link": 'The next part: <...>; rel="next". Absent on the last one.'},
        errors={400: "after_invalid"},
    ),
    Documented(
        method="DELETE",
        path="/api/profile",
        summary="Erase the caller: profile, videos and files, comments, likes, all of it",
        who="user",
        example=answered({"finished": True}, ERASED),
        also={
            202: "{finished: false}: nobody sees anything of it any more; the rest, too much for "
            "one answer, is erased within minutes."
        },
        errors={429: "rate_limited"},
    ),
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
            403: "suspended",
            404: "upload_not_found",
            409: "upload_conflict",
            410: "upload_expired",
            422: "avatar_mismatch: the upload has failed, open a new one",
            429: "rate_limited",
        },
    ),
)
HANDLERS = (set_avatar, export_data, erase)
