"""The list of files and folders, with the little of its search language that is needed."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from dev.imagekit.naming import clean_folder
from dev.imagekit.records import FileRecord, folder_details
from dev.imagekit.refusal import bad_request, invalid

MOST_RESULTS = 1000

ORDERS = {
    "NAME": "name",
    "CREATED": "created_at",
    "UPDATED": "updated_at",
    "SIZE": "size",
    "WIDTH": "json_extract(media, '$.width')",
    "HEIGHT": "json_extract(media, '$.height')",
    "DURATION": "json_extract(media, '$.duration')",
}

NAME_SEARCH = re.compile(r"""\s*name\s*=\s*(?:"([^"]*)"|'([^']*)')\s*""")


def list_assets(
    connection: sqlite3.Connection, query: Mapping[str, str], url_endpoint: str
) -> list[dict[str, Any]]:
    """Answer ``GET /v1/files``: one folder's entries, or everything when no path is given."""
    limit, skip = _number(query, "limit", MOST_RESULTS), _number(query, "skip", 0)
    if limit > MOST_RESULTS:
        message = f"Maximum value of limit parameter is {MOST_RESULTS}. Value sent is {limit}."
        raise bad_request(message)
    wanted, name = query.get("type", "file"), query.get("name")
    if wanted not in {"file", "folder", "all"}:
        raise invalid("type")
    if search := query.get("searchQuery"):
        # As documented, a search makes type and name count for nothing.
        wanted, name = "all", _searched_name(search)
    direction, order = _order(query.get("sort", "ASC_CREATED"))
    folder = clean_folder(query["path"]) if query.get("path") else None

    entries: list[dict[str, Any]] = []
    if wanted in {"folder", "all"}:
        # Folders have no size or length to be sorted by.
        folder_order = order if order in {"name", "created_at"} else "name"
        where, values = _where({"parent": folder, "name": name})
        rows = connection.execute(
            f"select * from folders {where} order by {folder_order} {direction}, path"  # noqa: S608
            " limit ?",
            (*values, skip + limit),
        )
        entries += [folder_details(row) for row in rows]
    if wanted in {"file", "all"}:
        where, values = _where({"folder": folder, "name": name}, query.get("fileType"))
        rows = connection.execute(
            f"select * from files {where} order by {order} {direction}, rowid limit ?",  # noqa: S608
            (*values, skip + limit),
        )
        entries += [FileRecord.from_row(row).details(url_endpoint) for row in rows]
    return entries[skip : skip + limit]


def _where(
    columns: Mapping[str, str | None], file_type: str | None = None
) -> tuple[str, tuple[str, ...]]:
    given = {column: value for column, value in columns.items() if value is not None}
    conditions = [f"{column} = ?" for column in given]
    if file_type in {"image", "non-image"}:
        conditions.append(f"mime {'' if file_type == 'image' else 'not '}like 'image/%'")
    clause = f"where {' and '.join(conditions)}" if conditions else ""
    return clause, tuple(given.values())


def _order(sort: str) -> tuple[str, str]:
    direction, _, key = sort.partition("_")
    if direction not in {"ASC", "DESC"} or key not in ORDERS:
        raise invalid("sort")
    return direction.lower(), ORDERS[key]


def _searched_name(search: str) -> str:
    match = NAME_SEARCH.fullmatch(search)
    if match is None:
        message = 'The stand-in understands no searchQuery but: name = "..."'
        raise bad_request(message)
    return match[1] if match[1] is not None else match[2]


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise invalid(name)
    return int(text)
