"""The management API: details, list, deletion of files and folders, purging the CDN."""

from __future__ import annotations

import asyncio
from typing import Any

from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import SerializationException
from litestar.params import FromPath

from dev.imagekit.listing import list_assets
from dev.imagekit.naming import FILE_ID, clean_folder, clean_name, join
from dev.imagekit.records import FileRecord
from dev.imagekit.refusal import Refusal, bad_request, invalid, missing
from dev.imagekit.standin import StandIn
from dev.imagekit.store import TooManyObjectsError

MOST_DELETED_AT_ONCE = 100
SHORTEST_WILDCARD_PATH = 15

Call = Request[Any, Any, State]


@get("/v1/files/{file_id:str}/details")
async def file_details(
    request: Call, file_id: FromPath[str], standin: NamedDependency[StandIn]
) -> dict[str, Any]:
    """Everything known about one file."""
    _authenticate(request, standin)
    return _find(standin, file_id).details(standin.url_endpoint)


@get("/v1/files")
async def list_files(request: Call, standin: NamedDependency[StandIn]) -> list[dict[str, Any]]:
    """The files and folders of one folder, or of all."""
    _authenticate(request, standin)
    query = {name: str(value) for name, value in request.query_params.items()}
    with standin.store.reading() as connection:
        return list_assets(connection, query, standin.url_endpoint)


@delete("/v1/files/{file_id:str}")
async def delete_file(
    request: Call, file_id: FromPath[str], standin: NamedDependency[StandIn]
) -> None:
    """Delete one file with all its versions."""
    _authenticate(request, standin)
    _find(standin, file_id)
    await asyncio.to_thread(standin.store.delete_files, [file_id])


@post("/v1/files/batch/deleteByFileIds", status_code=200)
async def delete_many(request: Call, standin: NamedDependency[StandIn]) -> Response[dict[str, Any]]:
    """Delete up to a hundred files: all of them, or none when one is unknown."""
    _authenticate(request, standin)
    file_ids = (await _body(request)).get("fileIds")
    if file_ids is None:
        message = "fileIds parameter is missing."
        raise bad_request(message)
    if not isinstance(file_ids, list):
        message = "fileIds should be an Array."
        raise bad_request(message)
    if not file_ids:
        message = "fileIds is empty."
        raise bad_request(message)
    if len(file_ids) > MOST_DELETED_AT_ONCE:
        message = f"fileIds cannot have more than {MOST_DELETED_AT_ONCE} items."
        raise bad_request(message)
    if not all(isinstance(file_id, str) for file_id in file_ids):
        raise invalid("fileIds")
    unwilling = [file_id for file_id in file_ids if file_id in standin.limits.undeletable]
    willing = [file_id for file_id in dict.fromkeys(file_ids) if file_id not in unwilling]
    missing_ids = await asyncio.to_thread(standin.store.delete_files, willing)
    if missing_ids:
        message = "The requested file(s) does not exist."
        raise Refusal(404, message, missingFileIds=missing_ids)
    answer: dict[str, Any] = {"successfullyDeletedFileIds": willing}
    if not unwilling:
        return Response(answer, status_code=200)
    answer["errors"] = [
        {"fileId": file_id, "error": "The file could not be deleted."} for file_id in unwilling
    ]
    return Response(answer, status_code=207)


@post("/v1/folder", status_code=201)
async def create_folder(request: Call, standin: NamedDependency[StandIn]) -> dict[str, Any]:
    """Make a folder."""
    _authenticate(request, standin)
    body = await _body(request)
    name, above = (_text(body, key) for key in ("folderName", "parentFolderPath"))
    path = join(clean_folder(above), clean_name(name.strip("/")))
    await asyncio.to_thread(standin.store.make_folder, path)
    return {}


@delete("/v1/folder")
async def delete_folder(request: Call, standin: NamedDependency[StandIn]) -> None:
    """Delete a folder with all that is in it, at once and while the client waits."""
    _authenticate(request, standin)
    given = _text(await _body(request), "folderPath")
    try:
        deleted = await asyncio.to_thread(standin.store.delete_folder, clean_folder(given))
    except TooManyObjectsError:
        message = (
            "Total nested assets (files, folders and file versions) are more than allowed limit"
            f" of {standin.limits.folder_objects} items."
        )
        raise bad_request(message, reason="TOO_MANY_OBJECTS") from None
    if not deleted:
        message = f"No folder found with folderPath {given}"
        raise Refusal(404, message, reason="FOLDER_NOT_FOUND")


@post("/v1/files/purge", status_code=201)
async def purge(request: Call, standin: NamedDependency[StandIn]) -> dict[str, str]:
    """Make the CDN forget an address, or all that begin so when it ends in ``*``."""
    _authenticate(request, standin)
    url = _text(await _body(request), "url")
    endpoint = standin.url_endpoint
    path = url.removeprefix(endpoint).partition("?")[0]
    if not url.startswith(f"{endpoint}/") or "*" in path[:-1]:
        raise invalid("url")
    if path.endswith("*") and path.count("/") < 2 and len(path) < SHORTEST_WILDCARD_PATH:
        raise invalid("url")
    return {"requestId": standin.store.purge(url, path)}


@get("/v1/files/purge/{request_id:str}")
async def purge_status(
    request: Call, request_id: FromPath[str], standin: NamedDependency[StandIn]
) -> dict[str, str]:
    """How far a purge has come; here they are done at once."""
    _authenticate(request, standin)
    if request_id not in standin.store.purges():
        message = "No request found for this requestId."
        raise bad_request(message)
    return {"status": "Completed"}


HANDLERS = [
    file_details,
    list_files,
    delete_file,
    delete_many,
    create_folder,
    delete_folder,
    purge,
    purge_status,
]


def _authenticate(request: Call, standin: StandIn) -> None:
    standin.auth.require_private_key(request.headers.get("authorization"))


def _find(standin: StandIn, file_id: str) -> FileRecord:
    if not FILE_ID.fullmatch(file_id):
        raise invalid("fileId")
    record = standin.store.find(file_id)
    if record is None:
        message = "The requested file does not exist."
        raise Refusal(404, message)
    return record


async def _body(request: Call) -> dict[str, Any]:
    """The JSON object in the body; an absent one is empty."""
    try:
        body = await request.json()
    except SerializationException:
        message = "Your request is not valid JSON."
        raise bad_request(message) from None
    return body if isinstance(body, dict) else {}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise missing(name)
    return value
