"""`/api/uploads` and its old name `/api/auth/imagekit`: tickets, and what became of them."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation

from api.admission import admit
from api.calls import MediaCall
from api.documented import Documented, answered
from api.envelope import success
from api.errors import refused
from api.http import Answer, idempotency_key, query, read_object, shaped, uuid
from api.identity import Identity
from api.imagekit.upload_answer import UploadTicket, upload_answer
from api.routes.examples import TICKET_ID, VIDEO_ID
from api.services import Services

AnyRequest = Request[Any, Any, State]
Provided = NamedDependency[SkipValidation[Services]]

OPEN_UPLOAD = MediaCall(
    """(select row_to_json(t)::text from private.open_upload(
        user_id => $1::text, purpose => $2::text, mime => $3::text, bytes => $4::bigint,
        request_id => $5::uuid
    ) as t)"""
)
UPLOAD_STATE = MediaCall(
    """(select json_build_object(
        'ticket_id', u.ticket_id,
        'purpose', u.purpose,
        'state', u.state,
        'reason', u.reason,
        'video_id', u.video_id,
        'expires_at', private.utc_text(u.expires_at)
    )::text from private.find_upload(user_id => $1::text, ticket_id => $2::uuid) as u)"""
)
PARAMETERS = frozenset({"purpose", "mime", "bytes", "v"})
MAX_BIGINT_DIGITS = 18


class NewUpload(msgspec.Struct, forbid_unknown_fields=True):
    """What is going to be uploaded. Saying type and size lets ImageKit check them."""

    purpose: str = "video"
    mime: str | None = None
    bytes: Annotated[int, msgspec.Meta(le=10**MAX_BIGINT_DIGITS)] | None = None
    v: Literal[1, 2] = 2


@post("/api/uploads", status_code=200, include_in_schema=False)
async def open_upload(request: AnyRequest, services: Provided) -> Response[bytes]:
    """Open a ticket and sign the upload; asking again with the same key gives the same ticket."""
    identity, user_id = await services.user(request.scope)
    query(request.scope, frozenset())
    key = idempotency_key(request.scope)
    given = await read_object(request.scope, request.receive, required=False)
    return respond(await _sign(services, identity, user_id, shaped(given, NewUpload), key))


@get("/api/auth/imagekit", include_in_schema=False)
async def open_upload_by_query(request: AnyRequest, services: Provided) -> Response[bytes]:
    """Do the same, asked the old way."""
    identity, user_id = await services.user(request.scope)
    given: dict[str, Any] = dict(query(request.scope, PARAMETERS))
    for name in ("bytes", "v"):
        if name in given:
            given[name] = _number(name, given[name])
    key = idempotency_key(request.scope)
    return respond(await _sign(services, identity, user_id, shaped(given, NewUpload), key))


@get("/api/uploads/{ticket_id:str}", include_in_schema=False)
async def upload_state(
    request: AnyRequest, ticket_id: FromPath[str], services: Provided
) -> Response[bytes]:
    """Say how far an own upload is."""
    _, user_id = await services.user(request.scope)
    query(request.scope, frozenset())
    state = await UPLOAD_STATE.run(services.pools, user_id, uuid(ticket_id, "ticket_id"))
    return respond(success(state, "Upload retrieved successfully"))


async def _sign(
    services: Services, identity: Identity, user_id: bytes, wanted: NewUpload, key: bytes | None
) -> Answer:
    await admit(services.pools, identity, "sign_upload")
    if wanted.v == 1 and not services.settings.imagekit_allow_v1:
        raise refused(400, "version_unsupported", "This server signs uploads with v=2 only.")
    row = await OPEN_UPLOAD.run(
        services.pools,
        user_id,
        wanted.purpose.encode(),
        None if wanted.mime is None else wanted.mime.encode(),
        None if wanted.bytes is None else b"%d" % wanted.bytes,
        key,
    )
    ticket = msgspec.json.decode(row, type=UploadTicket)
    signed = upload_answer(ticket, services.account, "v1" if wanted.v == 1 else "v2")
    return success(msgspec.json.encode(signed), "Authentication parameters retrieved successfully")


def _number(name: str, text: str) -> int:
    if not re.fullmatch(rf"-?[0-9]{{1,{MAX_BIGINT_DIGITS}}}", text):
        raise refused(400, "parameter_invalid", f"{name} must be a whole number.")
    return int(text)


def respond(answer: Answer) -> Response[bytes]:
    """Return an answer as Litestar sends it."""
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    media_type = headers.pop("content-type")
    return Response(answer.body, status_code=answer.status, headers=headers, media_type=media_type)


_SIGNED = answered(
    {
        "ticketId": TICKET_ID,
        "api": "v2",
        "method": "POST",
        "uploadUrl": "https://upload.imagekit.io/api/v2/files/upload",
        "urlEndpoint": "https://ik.imagekit.io/demo",
        "publicKey": "public_...",
        "fields": {
            "fileName": f"{TICKET_ID}.mp4",
            "folder": "/videos/2026-11-24/08",
            "useUniqueFileName": "false",
            "overwriteFile": "false",
            "checks": '"file.mime" IN ["video/mp4"] AND "file.size" = 7340032',
            "tags": f"t_{TICKET_ID}",
            "responseFields": "tags",
            "token": "eyJ...",
        },
        "token": "eyJ...",
        "expire": 1795351800,
        "signature": None,
        "serverTime": 1795350000,
        "maxBytes": 104857600,
    },
    "Authentication parameters retrieved successfully",
)
_SIGN_ERRORS = {
    400: "purpose_invalid, bytes_invalid, version_unsupported",
    403: "suspended",
    409: "too_many_open_uploads",
    410: "upload_expired: the upload that was opened with this key is over",
    413: "upload_too_large",
    415: "upload_type_unsupported",
    429: "rate_limited, too_many_uploads, too_many_bytes",
}

DOCUMENTED = (
    Documented(
        method="POST",
        path="/api/uploads",
        summary="Open an upload: where to post the file, and the signed fields to post with it",
        who="user",
        bodies=(NewUpload,),
        body_required=False,
        idempotent_by_key=True,
        example=_SIGNED,
        errors=_SIGN_ERRORS,
    ),
    Documented(
        method="GET",
        path="/api/auth/imagekit",
        summary="The same under its old name",
        who="user",
        query={
            "purpose": "video (if not given), thumbnail or avatar.",
            "mime": "The file's type, if known.",
            "bytes": "The file's size, if known.",
            "v": "2 (if not given) binds every field; 1 where the server allows it.",
        },
        idempotent_by_key=True,
        example=_SIGNED,
        errors=_SIGN_ERRORS,
    ),
    Documented(
        method="GET",
        path="/api/uploads/{ticket_id}",
        summary="How far an own upload is",
        who="user",
        example=answered(
            {
                "ticket_id": TICKET_ID,
                "purpose": "video",
                "state": "published",
                "reason": None,
                "video_id": VIDEO_ID,
                "expires_at": "2026-11-24T08:45:00.000Z",
            },
            "Upload retrieved successfully",
        ),
        errors={404: "upload_not_found"},
    ),
)
HANDLERS = (open_upload, open_upload_by_query, upload_state)

__all__ = ["DOCUMENTED", "HANDLERS", "respond"]
