"""The media library: every file and folder of the account, on disk."""

from __future__ import annotations

import fcntl
import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from dev.imagekit.blobs import Blobs
from dev.imagekit.cdn import find_copy, keep_copies, purge_copies
from dev.imagekit.clock import Clock
from dev.imagekit.database import TABLES, Database
from dev.imagekit.events import Event, last_event, list_events, record_events
from dev.imagekit.naming import ancestry, new_id, parent
from dev.imagekit.records import FileRecord, folder_details
from dev.imagekit.settings import Limits, Settings


class DataInUseError(RuntimeError):
    """Another stand-in works in this directory."""


class NameTakenError(Exception):
    """A file of that name is there, and it must not be replaced."""


class TooManyVersionsError(Exception):
    """The file cannot be replaced any more often."""


class TooManyObjectsError(Exception):
    """The folder holds more than may be deleted at once."""


class Store:
    """Files, folders, burnt tokens and events.

    The methods block and may be called from any thread; each is one transaction.
    """

    def __init__(self, settings: Settings, limits: Limits, clock: Clock) -> None:
        """Open the directory, which no other stand-in may use, and tidy up after a crash."""
        self._settings = settings
        self._limits = limits
        self._clock = clock
        settings.data.mkdir(parents=True, exist_ok=True)
        self._lock = (settings.data / "lock").open("w")
        try:
            # The kernel lets go of it when the process ends, however it ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            message = f"another stand-in is using {settings.data}"
            raise DataInUseError(message) from None
        self.blobs = Blobs(settings.data)
        self._database = Database(settings.data / "imagekit.sqlite")
        with self._database.reading() as connection:
            rows = connection.execute(
                "select blob from files union all select blob from cdn_copies"
            )
            self.blobs.sweep({row["blob"] for row in rows})

    def close(self) -> None:
        """Close the database and leave the directory to others."""
        self._database.close()
        self._lock.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The database's connection, for statements that change nothing."""
        with self._database.reading() as connection:
            yield connection

    def counts(self) -> dict[str, int]:
        """How many rows each table has."""
        with self._database.reading() as connection:
            return {
                table: connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608
                for table in TABLES
            }

    def burn_token(self, token: str) -> bool:
        """Use up an upload token; False when it was used before."""
        digest = hashlib.sha256(token.encode()).digest()
        with self._database.writing() as connection:
            burnt = connection.execute(
                "insert or ignore into burnt_tokens (digest) values (?)", (digest,)
            )
            return burnt.rowcount == 1

    def find(self, file_id: str) -> FileRecord | None:
        """The file with this id."""
        return self._one("select * from files where file_id = ?", (file_id,))

    def find_path(self, path: str) -> FileRecord | None:
        """The file at this path."""
        folder, name = parent(path), path.rpartition("/")[2]
        return self._one("select * from files where folder = ? and name = ?", (folder, name))

    def save(self, record: FileRecord, incoming: Path, *, overwrite: bool) -> FileRecord:
        """Add a file whose contents lie at ``incoming``, or its next version.

        A file that is replaced keeps its id and its first day.
        """
        blob = self.blobs.keep(incoming)
        try:
            with self._database.writing() as connection:
                saved, replaced = self._put(
                    connection, replace(record, blob=blob), overwrite=overwrite
                )
        except BaseException:
            self.blobs.drop([blob])
            raise
        self.blobs.drop(replaced)
        return saved

    def save_copies(self, records: Sequence[FileRecord], contents: Path) -> None:
        """Add many files with the same contents, fast enough for a hundred thousand of them."""
        copies = [replace(record, blob=self.blobs.link(contents)) for record in records]
        try:
            with self._database.writing() as connection:
                for copy in copies:
                    self._put(connection, copy, overwrite=False)
        except BaseException:
            self.blobs.drop(copy.blob for copy in copies)
            raise

    def delete_files(self, file_ids: Sequence[str]) -> list[str]:
        """Delete all of these files, or none when some are missing; returns the missing ids."""
        with self._database.writing() as connection:
            marks = ", ".join("?" * len(file_ids))
            rows = connection.execute(
                f"select * from files where file_id in ({marks})",  # noqa: S608
                tuple(file_ids),
            ).fetchall()
            found = {row["file_id"] for row in rows}
            if missing := [file_id for file_id in file_ids if file_id not in found]:
                return missing
            unused = self._forget(connection, rows)
            events: list[Event] = [("file.deleted", {"fileId": row["file_id"]}) for row in rows]
            record_events(connection, self._clock.timestamp(), events)
        self.blobs.drop(unused)
        return []

    def make_folder(self, path: str) -> None:
        """Make a folder and those above it, as far as they are not there."""
        with self._database.writing() as connection:
            self._make_folders(connection, path)

    def delete_folder(self, path: str) -> bool:
        """Delete a folder and everything below it; False when there is no such folder."""
        below = (f"{path}/", f"{path}0")  # "0" is the character after "/"
        inside = "(folder = ? or folder >= ? and folder < ?)"
        with self._database.writing() as connection:
            folders = connection.execute(
                "select * from folders where path = ? or path >= ? and path < ?", (path, *below)
            ).fetchall()
            if not any(row["path"] == path for row in folders):
                return False
            versions = connection.execute(
                f"select coalesce(sum(version), 0) from files where {inside}",  # noqa: S608
                (path, *below),
            ).fetchone()[0]
            # The folder itself is not among the things nested in it.
            if versions + len(folders) - 1 > self._limits.folder_objects:
                raise TooManyObjectsError
            files = connection.execute(
                f"select * from files where {inside}",  # noqa: S608
                (path, *below),
            ).fetchall()
            unused = self._forget(connection, files)
            connection.executemany(
                "delete from folders where path = ?", ((row["path"],) for row in folders)
            )
            events: list[Event] = [("file.deleted", {"fileId": row["file_id"]}) for row in files]
            events += [("folder.deleted", {"folderId": row["folder_id"]}) for row in folders]
            record_events(connection, self._clock.timestamp(), events)
        self.blobs.drop(unused)
        return True

    def ask_for_streaming(self, file_id: str) -> bool:
        """Whether the adaptive streams are ready: they are once somebody has asked before."""
        with self._database.writing() as connection:
            asked = connection.execute(
                "select streaming_asked from files where file_id = ?", (file_id,)
            ).fetchone()
            connection.execute("update files set streaming_asked = 1 where file_id = ?", (file_id,))
            return bool(asked and asked[0])

    def events(self, after: int = 0) -> list[dict[str, Any]]:
        """What happened since the event of that number."""
        with self._database.reading() as connection:
            return list_events(connection, after)

    def last_event(self) -> int:
        """The number of what happened last."""
        with self._database.reading() as connection:
            return last_event(connection)

    def cdn_copy(self, path: str) -> sqlite3.Row | None:
        """A deleted file that the CDN would still serve."""
        with self._database.reading() as connection:
            return find_copy(connection, path)

    def purge(self, url: str, pattern: str) -> str:
        """Forget the CDN's copies at a path, or at all paths that begin so when it ends in ``*``.

        Returns the id of the request.
        """
        request_id = new_id()
        with self._database.writing() as connection:
            unused = purge_copies(connection, pattern)
            connection.execute(
                "insert into purges (request_id, url) values (?, ?)", (request_id, url)
            )
        self.blobs.drop(unused)
        return request_id

    def purges(self) -> dict[str, str]:
        """The addresses that were purged, by request id."""
        with self._database.reading() as connection:
            rows = connection.execute("select request_id, url from purges")
            return {row["request_id"]: row["url"] for row in rows}

    def reset(self) -> None:
        """Forget everything."""
        with self._database.writing() as connection:
            for table in TABLES:
                connection.execute(f"delete from {table}")  # noqa: S608
        self.blobs.sweep(set())

    def _one(self, statement: str, values: tuple[str, ...]) -> FileRecord | None:
        with self._database.reading() as connection:
            row = connection.execute(statement, values).fetchone()
        return FileRecord.from_row(row) if row else None

    def _put(
        self, connection: sqlite3.Connection, record: FileRecord, *, overwrite: bool
    ) -> tuple[FileRecord, list[str]]:
        row = connection.execute(
            "select * from files where folder = ? and name = ?", (record.folder, record.name)
        ).fetchone()
        replaced: list[str] = []
        if row:
            if not overwrite:
                raise NameTakenError
            if row["version"] >= self._limits.file_versions:
                raise TooManyVersionsError
            record = replace(
                record,
                file_id=row["file_id"],
                version=row["version"] + 1,
                created_at=row["created_at"],
            )
            replaced.append(row["blob"])
        self._make_folders(connection, record.folder)
        columns = record.to_row()
        connection.execute(
            f"insert or replace into files ({', '.join(columns)})"  # noqa: S608
            f" values ({', '.join(f':{name}' for name in columns)})",
            columns,
        )
        kind = "file-version.created" if row else "file.created"
        details = record.details(self._settings.url_endpoint)
        record_events(connection, self._clock.timestamp(), [(kind, details)])
        return record, replaced

    def _make_folders(self, connection: sqlite3.Connection, folder: str) -> None:
        at = self._clock.timestamp()
        for path in ancestry(folder):
            row = connection.execute(
                "insert into folders (path, folder_id, parent, name, created_at)"
                " values (?, ?, ?, ?, ?) on conflict do nothing returning *",
                (path, new_id(), parent(path), path.rpartition("/")[2], at),
            ).fetchone()
            if row:
                record_events(connection, at, [("folder.created", folder_details(row))])

    def _forget(self, connection: sqlite3.Connection, rows: list[sqlite3.Row]) -> list[str]:
        """Delete file rows; returns the blobs that nothing needs any more."""
        connection.executemany(
            "delete from files where file_id = ?", ((row["file_id"],) for row in rows)
        )
        if not self._limits.serve_deleted_until_purged:
            return [row["blob"] for row in rows]
        return keep_copies(connection, rows)
