"""What a phone gets before it uploads: where to post, and the form fields to post.

The phone copies ``fields`` into a form, adds ``file`` and posts it to ``uploadUrl``. It knows no
ImageKit address and makes no choice of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NotRequired, TypedDict
from uuid import UUID

from api.imagekit.account import ImageKitAccount
from api.imagekit.signing import sign_v1, sign_v2

Version = Literal["v1", "v2"]

MIME_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadTicket:
    """A row of ``private.open_upload``: ``UploadTicket(**row)``.

    ``exact_bytes`` is None when the phone did not say how big its file is, ``max_seconds`` is
    None for pictures. Both times are the database's; the API's own clock is never asked.
    """

    ticket_id: UUID
    folder: str
    file_name: str
    mime_types: Sequence[str]
    exact_bytes: int | None
    max_bytes: int
    max_seconds: int | None
    issued_at: datetime
    expires_at: datetime


class UploadAnswer(TypedDict):
    """The ``data`` of ``GET /api/auth/imagekit`` and ``POST /api/uploads``."""

    ticketId: str
    api: Version
    method: Literal["POST"]
    uploadUrl: str
    urlEndpoint: str
    publicKey: str
    fields: dict[str, str]
    token: str
    expire: int
    signature: str | None
    serverTime: int
    maxBytes: int
    # V1 only: an app that builds its own form must pass these two on to ImageKit.
    folder: NotRequired[str]
    fileName: NotRequired[str]


def upload_answer(
    ticket: UploadTicket, account: ImageKitAccount, version: Version = "v2"
) -> UploadAnswer:
    """Sign ``ticket`` and describe the upload.

    V2 binds every field of the form. V1 carries the same fields, but ImageKit verifies only the
    token and its expiry there, so what was really uploaded has to be looked at afterwards.
    """
    issued_at, expires_at = int(ticket.issued_at.timestamp()), int(ticket.expires_at.timestamp())
    fields = upload_fields(ticket)
    if version == "v2":
        signature = None
        token = sign_v2(
            account.private_key,
            account.public_key,
            fields,
            issued_at=issued_at,
            expires_at=expires_at,
        )
    else:
        # The ticket's id is unique, which is all ImageKit asks of the token.
        token = str(ticket.ticket_id)
        signature = sign_v1(account.private_key, token, expires_at)
        fields |= {
            "publicKey": account.public_key,
            "expire": str(expires_at),
            "signature": signature,
        }
    fields["token"] = token
    answer: UploadAnswer = {
        "ticketId": str(ticket.ticket_id),
        "api": version,
        "method": "POST",
        "uploadUrl": f"{account.upload_base.rstrip('/')}/api/{version}/files/upload",
        "urlEndpoint": account.url_endpoint,
        "publicKey": account.public_key,
        "fields": fields,
        "token": token,
        "expire": expires_at,
        "signature": signature,
        "serverTime": issued_at,
        "maxBytes": ticket.max_bytes,
    }
    if version == "v1":
        answer["folder"], answer["fileName"] = ticket.folder, ticket.file_name
    return answer


def upload_fields(ticket: UploadTicket) -> dict[str, str]:
    """The form fields of a ticket's upload, all text, without the authentication."""
    return {
        "fileName": ticket.file_name,
        "folder": ticket.folder,
        # A name of our own choosing, and never on top of a file that is there already.
        "useUniqueFileName": "false",
        "overwriteFile": "false",
        "checks": upload_checks(ticket),
        "tags": f"t_{ticket.ticket_id}",
        "responseFields": "tags",
    }


def upload_checks(ticket: UploadTicket) -> str:
    """The conditions, in ImageKit's language, that the file must meet to be accepted at all."""
    for mime_type in ticket.mime_types:
        # A quote in here would end the text and let the rest be read as conditions.
        if not MIME_TYPE.fullmatch(mime_type):
            message = f"not a media type: {mime_type!r}"
            raise ValueError(message)
    types = ",".join(f'"{mime_type}"' for mime_type in ticket.mime_types)
    size = f"<= {ticket.max_bytes}" if ticket.exact_bytes is None else f"= {ticket.exact_bytes}"
    conditions = [f'"file.mime" IN [{types}]', f'"file.size" {size}']
    if ticket.max_seconds is not None:
        conditions.append(f'"mediaMetadata.duration" <= {ticket.max_seconds}')
    return " AND ".join(conditions)
