"""``POST /api/v1/files/upload`` and ``POST /api/v2/files/upload``."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from litestar import Request, post
from litestar.datastructures import State
from litestar.di import NamedDependency

from dev.imagekit.checks import ChecksSyntaxError, Facts, parse_checks
from dev.imagekit.form import UploadForm, decode_text_file, read_upload
from dev.imagekit.media import media_metadata, mime_type
from dev.imagekit.naming import clean_folder, clean_name, new_id, unique_name
from dev.imagekit.records import FileRecord
from dev.imagekit.refusal import bad_request, invalid, missing
from dev.imagekit.standin import StandIn
from dev.imagekit.store import NameTakenError, TooManyVersionsError

LONGEST_TAGS = 500

FLAGS = {
    "useUniqueFileName": True,
    "isPrivateFile": False,
    "isPublished": True,
    "overwriteFile": True,
    "overwriteAITags": True,
    "overwriteTags": True,
    "overwriteCustomMetadata": True,
}
"""The form's switches and what they are when absent."""

TOO_LARGE = "Your request contains invalid file parameter. The file size exceeds limits."
NAME_TAKEN = (
    "A file with the same name already exists at the exact location. We could not overwrite it"
    " because both overwriteFile and useUniqueFileName are set to false."
)

Call = Request[Any, Any, State]


@post("/api/v1/files/upload", status_code=200, request_max_body_size=None)
async def upload_v1(request: Call, standin: NamedDependency[StandIn]) -> dict[str, Any]:
    """Upload with a signature over token and expiry, or with the private key."""
    return await _upload(request, standin, version=1)


@post("/api/v2/files/upload", status_code=200, request_max_body_size=None)
async def upload_v2(request: Call, standin: NamedDependency[StandIn]) -> dict[str, Any]:
    """Upload with a token over the whole form, or with the private key."""
    return await _upload(request, standin, version=2)


async def _upload(request: Call, standin: StandIn, version: int) -> dict[str, Any]:
    limits = standin.limits
    largest = max(limits.video_bytes, limits.other_bytes)
    path = standin.store.blobs.incoming()
    try:
        form = await read_upload(
            request.headers.get("content-type"), request.stream(), path, largest
        )
        private_key = standin.auth.has_private_key(request.headers.get("authorization"))
        authorize = standin.auth.authorize_v1 if version == 1 else standin.auth.authorize_v2
        authorize(form.fields, private_key=private_key)
        return await asyncio.to_thread(_accept, standin, form, largest)
    finally:
        path.unlink(missing_ok=True)


def _accept(standin: StandIn, form: UploadForm, largest: int) -> dict[str, Any]:
    """Judge an authorized upload and keep it."""
    fields = form.fields
    if not form.has_file:
        raise missing("file")
    if not fields.get("fileName"):
        raise missing("fileName")
    if form.is_text:
        if form.size > 2 * largest:
            raise bad_request(TOO_LARGE)
        decode_text_file(form, largest)
    if form.size > largest:
        raise bad_request(TOO_LARGE)
    record = _record(standin, form)
    limits = standin.limits
    if form.size > (limits.video_bytes if record.mime.startswith("video/") else limits.other_bytes):
        raise bad_request(TOO_LARGE)
    if "checks" in fields:
        _run_checks(fields["checks"], _facts(fields, record))
    try:
        saved = standin.store.save(record, form.path, overwrite=_flag(fields, "overwriteFile"))
    except NameTakenError:
        raise bad_request(NAME_TAKEN) from None
    except TooManyVersionsError:
        message = f"The file has the most versions allowed ({limits.file_versions})."
        raise bad_request(message) from None
    wanted = {name.strip() for name in fields.get("responseFields", "").split(",")}
    return saved.upload_answer(standin.url_endpoint, wanted)


def _record(standin: StandIn, form: UploadForm) -> FileRecord:
    fields = form.fields
    name = clean_name(fields["fileName"])
    mime = mime_type(form.path, name)
    if _flag(fields, "useUniqueFileName"):
        name = unique_name(name)
    file_id, now = new_id(), standin.clock.timestamp()
    return FileRecord(
        file_id=file_id,
        folder=clean_folder(fields.get("folder", "/")),
        name=name,
        version_id=file_id,
        etag=form.etag,
        size=form.size,
        mime=mime,
        media=media_metadata(form.path, mime),
        tags=_tags(fields),
        custom_metadata=_custom_metadata(fields),
        custom_coordinates=fields.get("customCoordinates"),
        description=fields.get("description"),
        is_private=_flag(fields, "isPrivateFile"),
        is_published=_flag(fields, "isPublished"),
        created_at=now,
        updated_at=now,
    )


def _run_checks(expression: str, facts: Facts) -> None:
    try:
        holds = parse_checks(expression)(facts)
    except ChecksSyntaxError:
        message = "Your request contains invalid syntax for the checks parameter."
        raise bad_request(message) from None
    if not holds:
        message = "Your request failed 'checks' validation."
        raise bad_request(message)


def _facts(fields: dict[str, str], record: FileRecord) -> Facts:
    """What the conditions in ``checks`` may ask about."""
    custom = {f"customMetadata.{key}": str(value) for key, value in record.custom_metadata.items()}
    request = {
        "fileName": fields["fileName"],
        "folder": fields.get("folder", "/"),
        "tags": record.tags,
        "customCoordinates": fields.get("customCoordinates"),
        "webhookUrl": fields.get("webhookUrl"),
        **{name: _flag(fields, name) for name in FLAGS},
        **custom,
    }
    return {
        **{f"request.{name}": value for name, value in request.items()},
        "file.size": record.size,
        "file.mime": record.mime,
        **{f"mediaMetadata.{name}": value for name, value in record.media.items()},
    }


def _flag(fields: dict[str, str], name: str) -> bool:
    text = fields.get(name)
    if text is None:
        return FLAGS[name]
    if text not in {"true", "false"}:
        raise invalid(name)
    return text == "true"


def _tags(fields: dict[str, str]) -> list[str]:
    text = fields.get("tags", "")
    if len(text) > LONGEST_TAGS or "%" in text:
        raise invalid("tags")
    return [tag.strip() for tag in text.split(",") if tag.strip()]


def _custom_metadata(fields: dict[str, str]) -> dict[str, Any]:
    try:
        metadata = json.loads(fields.get("customMetadata", "{}"))
    except ValueError:
        raise invalid("customMetadata") from None
    if not isinstance(metadata, dict):
        raise invalid("customMetadata")
    return metadata
