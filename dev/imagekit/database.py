"""The SQLite database behind the stand-in."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SCHEMA = """
create table if not exists files (
    file_id text primary key,
    folder text not null,
    name text not null,
    version integer not null,
    version_id text not null,
    blob text not null unique,
    etag text not null,
    size integer not null,
    mime text not null,
    media text not null,
    tags text not null,
    custom_metadata text not null,
    custom_coordinates text,
    description text,
    is_private integer not null,
    is_published integer not null,
    created_at text not null,
    updated_at text not null,
    streaming_asked integer not null default 0,
    unique (folder, name)
);
create table if not exists folders (
    path text primary key,
    folder_id text not null,
    parent text not null,
    name text not null,
    created_at text not null
);
create index if not exists folders_parent on folders (parent);
create table if not exists burnt_tokens (digest blob primary key) without rowid;
create table if not exists purges (request_id text primary key, url text not null);
create table if not exists cdn_copies (
    path text primary key,
    blob text not null,
    etag text not null,
    size integer not null,
    mime text not null
);
create table if not exists events (
    number integer primary key autoincrement,
    event text not null
);
"""

TABLES = ("files", "folders", "burnt_tokens", "purges", "cdn_copies", "events")


class Database:
    """One connection, used by one thread at a time.

    A commit survives the process being killed: the write-ahead log is with the operating system
    by then. It is not forced to the platter, which only a power cut would notice.
    """

    def __init__(self, path: Path) -> None:
        """Open the file and make its tables when they are not there."""
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection, for statements that change nothing."""
        with self._lock:
            yield self._connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The connection inside one transaction: all of the block, or nothing."""
        with self._lock:
            self._connection.execute("begin immediate")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    def close(self) -> None:
        """Close the connection; everything committed stays."""
        with self._lock:
            self._connection.close()
