"""Copies of deleted files that the CDN goes on serving until they are purged."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from dev.imagekit.naming import join


def keep_copies(connection: sqlite3.Connection, files: Sequence[sqlite3.Row]) -> list[str]:
    """Let the CDN have the contents of deleted files; returns the blobs this replaces."""
    replaced: list[str] = []
    for row in files:
        path = join(row["folder"], row["name"])
        older = find_copy(connection, path)
        if older:
            replaced.append(older["blob"])
        connection.execute(
            "insert or replace into cdn_copies (path, blob, etag, size, mime)"
            " values (?, ?, ?, ?, ?)",
            (path, row["blob"], row["etag"], row["size"], row["mime"]),
        )
    return replaced


def find_copy(connection: sqlite3.Connection, path: str) -> sqlite3.Row | None:
    """The copy at a path."""
    row: sqlite3.Row | None = connection.execute(
        "select * from cdn_copies where path = ?", (path,)
    ).fetchone()
    return row


def purge_copies(connection: sqlite3.Connection, pattern: str) -> list[str]:
    """Forget the copy at a path, or all that begin so when it ends in ``*``; returns blobs."""
    prefix = pattern.removesuffix("*")
    rows = connection.execute("select path, blob from cdn_copies").fetchall()
    gone = [
        row
        for row in rows
        if row["path"] == pattern or (prefix != pattern and row["path"].startswith(prefix))
    ]
    connection.executemany(
        "delete from cdn_copies where path = ?", ((row["path"],) for row in gone)
    )
    return [row["blob"] for row in gone]
