"""The database's side of a worker: leases, and what came of them. One statement each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec

from api.calls import MediaCall
from api.database import Pool

Kind = Literal["file", "folder", "purge"]

LEASE_MEDIA = MediaCall(
    """(select coalesce(json_agg(o), '[]')::text
        from private.lease_media(kind => $1::text, batch => $2::integer) as o)"""
)
FINISH_MEDIA = MediaCall(
    """private.finish_media(
        order_ids => $1::bigint[], attempts => $2::integer[], note => $3::text
    )::text"""
)
POSTPONE_MEDIA = MediaCall(
    """private.postpone_media(
        order_ids => $1::bigint[],
        attempts => $2::integer[],
        error => $3::text,
        is_attempt => $4::boolean
    )::text"""
)
KILL_MEDIA = MediaCall(
    """private.kill_media(
        order_id => $1::bigint, attempt => $2::integer, error => $3::text
    )::text"""
)
SPLIT_FOLDER = MediaCall(
    """private.split_media_folder(
        order_id => $1::bigint,
        attempt => $2::integer,
        files => $3::jsonb,
        is_complete => $4::boolean
    )::text"""
)
PAUSE_MEDIA = MediaCall("(private.pause_media(make_interval(secs => $1::float8)))::text")
STOP_MEDIA = MediaCall("(private.stop_media($1::text))::text")
SPEND_PURGE = MediaCall("(private.spend_purge())::text")
LEASE_SWEEP = MediaCall("coalesce(private.lease_sweep(), '')")
SWEEP_FOLDER = MediaCall("private.sweep_folder(folder => $1::text, files => $2::jsonb)::text")
COMPARE_FOLDER = MediaCall(
    """(select coalesce(json_agg(c), '[]')::text
        from private.compare_folder(folder => $1::text, files => $2::jsonb) as c)"""
)
RECONCILE_FOLDER = MediaCall(
    "private.reconcile_folder(folder => $1::text, files => $2::jsonb)::text"
)
# As the lease of folders says it: the retention, and a day more for the retirement.
LAST_RETIRED_DAY = MediaCall(
    "((private.oldest_visible_at() - interval '1 day') at time zone 'utc')::date::text"
)
LEASE_UPLOADS = MediaCall(
    """(select coalesce(json_agg(u), '[]')::text
        from private.lease_held_uploads(batch => $1::integer) as u)"""
)


class Order(msgspec.Struct, frozen=True):
    """One leased order. `attempt`, the lease's number, goes with everything told about it."""

    order_id: int
    target: str
    file_id: str | None
    attempt: int
    is_whole: bool


class HeldUpload(msgspec.Struct, frozen=True):
    """An upload that waits for ImageKit's word."""

    ticket_id: str
    user_id: str
    purpose: Literal["video", "avatar"]
    folder: str
    file_name: str
    file_id: str | None
    checks: int
    thumbnail_ticket_id: str | None
    thumbnail_folder: str | None
    thumbnail_file_name: str | None


class Problem(msgspec.Struct, frozen=True):
    """What does not agree between ImageKit and the tables."""

    problem: Literal["orphan", "missing"]
    file_path: str
    file_id: str | None


class Queue:
    """What the database knows of deletions and uploads, through the login of media_worker."""

    def __init__(self, pool: Pool) -> None:
        """Use connections that somebody else opens and closes."""
        self.pool = pool

    async def lease(self, kind: Kind, batch: int) -> list[Order]:
        """Take orders to carry out now; nobody else gets them for six minutes."""
        leased = await LEASE_MEDIA.run_on(self.pool, kind.encode(), b"%d" % batch)
        return msgspec.json.decode(leased, type=list[Order])

    async def finish(self, orders: Sequence[Order], note: str | None = None) -> int:
        """Note orders as carried out; gives how many were still this worker's."""
        if not orders:
            return 0
        done = await FINISH_MEDIA.run_on(self.pool, *_named(orders), _text(note))
        return int(done)

    async def postpone(
        self, orders: Sequence[Order], error: str, *, is_attempt: bool = True
    ) -> None:
        """Give orders back that could not be carried out."""
        if orders:
            counts = b"true" if is_attempt else b"false"
            await POSTPONE_MEDIA.run_on(self.pool, *_named(orders), error.encode(), counts)

    async def kill(self, order: Order, error: str) -> None:
        """Give an order up that can never be carried out."""
        await KILL_MEDIA.run_on(
            self.pool, b"%d" % order.order_id, b"%d" % order.attempt, error.encode()
        )

    async def split(
        self, order: Order, files: Sequence[Mapping[str, Any]], *, is_complete: bool
    ) -> int:
        """Turn a folder's order into orders for its files; gives how many."""
        made = await SPLIT_FOLDER.run_on(
            self.pool,
            b"%d" % order.order_id,
            b"%d" % order.attempt,
            listing(files),
            b"true" if is_complete else b"false",
        )
        return int(made)

    async def pause(self, seconds: float) -> None:
        """Keep every worker from calling ImageKit for a while."""
        await PAUSE_MEDIA.run_on(self.pool, repr(seconds).encode())

    async def stop(self, reason: str) -> None:
        """Keep every worker from calling ImageKit until an administrator says otherwise."""
        await STOP_MEDIA.run_on(self.pool, reason.encode())

    async def spend_purge(self) -> None:
        """Count a purge against the month's budget."""
        await SPEND_PURGE.run_on(self.pool)

    async def lease_sweep(self) -> str | None:
        """Take a folder in which ended uploads may have left files."""
        return (await LEASE_SWEEP.run_on(self.pool)).decode() or None

    async def sweep(self, folder: str, files: Sequence[Mapping[str, Any]]) -> int:
        """End the ended uploads of a folder; gives how many files were ordered deleted."""
        return int(await SWEEP_FOLDER.run_on(self.pool, folder.encode(), listing(files)))

    async def compare(self, folder: str, files: Sequence[Mapping[str, Any]]) -> list[Problem]:
        """Tell what does not agree, and change nothing."""
        found = await COMPARE_FOLDER.run_on(self.pool, folder.encode(), listing(files))
        return msgspec.json.decode(found, type=list[Problem])

    async def reconcile(self, folder: str, files: Sequence[Mapping[str, Any]]) -> int:
        """Order orphans deleted and raise alarms for what is missing; gives the number of both."""
        return int(await RECONCILE_FOLDER.run_on(self.pool, folder.encode(), listing(files)))

    async def last_retired_day(self) -> date:
        """Return the youngest UTC day of which no file should be left."""
        return date.fromisoformat((await LAST_RETIRED_DAY.run_on(self.pool)).decode())

    async def lease_uploads(self, batch: int) -> list[HeldUpload]:
        """Take uploads that ImageKit is to be asked about."""
        leased = await LEASE_UPLOADS.run_on(self.pool, b"%d" % batch)
        return msgspec.json.decode(leased, type=list[HeldUpload])


def listing(files: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a list of files as the database's functions want it."""
    return msgspec.json.encode(
        [{"filePath": one.get("filePath"), "fileId": one.get("fileId")} for one in files]
    )


def _named(orders: Sequence[Order]) -> tuple[bytes, bytes]:
    ids = ",".join(str(order.order_id) for order in orders)
    attempts = ",".join(str(order.attempt) for order in orders)
    return f"{{{ids}}}".encode(), f"{{{attempts}}}".encode()


def _text(value: str | None) -> bytes | None:
    return None if value is None else value.encode()
