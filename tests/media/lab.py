"""A database, a stand-in, and workers between them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from api.imagekit.account import ImageKitAccount
from api.imagekit.storage import BULK
from api.media.pace import Pace
from api.media.running import CALL_TIMEOUT_S, opened, worker_on
from api.settings import MediaSettings
from tests.imagekit.running import RunningStandIn
from tests.support.server import Database

ROOT = Path(__file__).parents[2]


def folder(days_ago: int = 0, hour: int = 8) -> str:
    """The folder into which tickets of an hour went."""
    day = datetime.now(UTC) - timedelta(days=days_ago)
    return f"/videos/{day:%Y-%m-%d}/{hour:02}"


@dataclass
class Lab:
    """What a test of the workers needs. Statements run as the owner and are committed."""

    database: Database
    standin: RunningStandIn
    owner: psycopg.Connection[Any]
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def account(self) -> ImageKitAccount:
        """Our account at the stand-in."""
        return ImageKitAccount(
            public_key=self.standin.public_key,
            private_key=self.standin.private_key,
            url_endpoint=self.standin.url_endpoint,
            upload_base=self.standin.base_url,
            api_base=self.standin.base_url,
        )

    @property
    def settings(self) -> MediaSettings:
        """The settings of a worker without a pace."""
        return MediaSettings(
            database_url=self.database.media_url, account=self.account, writes_per_second=0
        )

    def empty(self) -> None:
        """Forget everything, on both sides."""
        self.standin.control("POST", "/reset")
        self.owner.execute(
            "truncate public.videos, public.user_profiles, private.upload_tickets, "
            "private.media_deletions, private.alarms, private.video_days, "
            "private.webhook_events cascade"
        )
        self.owner.execute(
            "update private.media_worker_state set paused_until = null, stopped_at = null, "
            "purges_used = 0 where singleton"
        )

    def work(
        self,
        passes: int | None = None,
        *,
        timeout: float = CALL_TIMEOUT_S,
        files_in_a_call: int = BULK,
    ) -> Counter[str]:
        """Let one worker do what is due, until nothing is or for so many passes."""

        async def run() -> Counter[str]:
            done: Counter[str] = Counter()
            async with (
                opened(self.settings) as pool,
                worker_on(
                    pool,
                    self.account,
                    Pace(0),
                    timeout=timeout,
                    files_in_a_call=files_in_a_call,
                ) as worker,
            ):
                left = passes if passes is not None else 1000
                while left and (now := await worker.run_once()):
                    done += now
                    left -= 1
                    if now["interrupted"]:
                        break
            return done

        return asyncio.run(run())

    def start_worker(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a worker as an operator does."""
        process = subprocess.Popen(
            [sys.executable, "-m", "api.media", "worker", *arguments],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes.append(process)
        return process

    def command(self, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """Run one of the tools, with some variables changed."""
        return subprocess.run(
            [sys.executable, "-m", "api.media", *arguments],
            cwd=ROOT,
            env=self.environment() | changed,
            capture_output=True,
            text=True,
            check=False,
        )

    def environment(self) -> dict[str, str]:
        """The variables of a worker by itself."""
        return {
            "PATH": os.environ["PATH"],
            "API_DATABASE_URL_MEDIA": self.database.media_url,
            "IMAGEKIT_PUBLIC_KEY": self.standin.public_key,
            "IMAGEKIT_PRIVATE_KEY": self.standin.private_key,
            "IMAGEKIT_URL_ENDPOINT": self.standin.url_endpoint,
            "IMAGEKIT_API_BASE": self.standin.base_url,
            "IMAGEKIT_UPLOAD_BASE": self.standin.base_url,
            "MEDIA_WRITES_PER_SECOND": "0",
        }

    def add_files(self, where: str, names: Sequence[str]) -> list[str]:
        """Put files at the stand-in; gives their ids."""
        ids: list[str] = []
        for start in range(0, len(names), 5000):
            body = {"folder": where, "names": list(names[start : start + 5000])}
            added = self.standin.control("POST", "/files", body)
            ids += added["fileIds"] if isinstance(added, dict) else added
        return ids

    def order(self, kind: str, target: str, file_id: str | None = None, **more: Any) -> int:
        """Order a deletion."""
        columns = {"kind": kind, "target": target, "file_id": file_id, "reason": "deleted", **more}
        names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
        return int(
            self.one(
                f"insert into private.media_deletions ({names}) values ({places}) returning id",
                *columns.values(),
            )
        )

    def order_files(self, where: str, how_many: int) -> list[str]:
        """Put files at the stand-in and order them deleted, one by one; gives their ids."""
        names = [f"{number}.mp4" for number in range(how_many)]
        ids = self.add_files(where, names)
        with self.owner.cursor() as cursor:
            cursor.executemany(
                "insert into private.media_deletions (kind, target, file_id, reason) "
                "values ('file', %s, %s, 'expired')",
                [(f"{where}/{name}", one) for name, one in zip(names, ids, strict=True)],
            )
        return ids

    def video(self, owner: str, where: str, age: timedelta = timedelta(0)) -> str:
        """A published video with its file in a folder, of any age; gives its id."""
        [file_id] = self.add_files(where, [f"{owner}-{age.days}.mp4"])
        self.owner.execute(
            "insert into public.user_profiles (user_id) values (%s) on conflict do nothing",
            (owner,),
        )
        self.owner.execute(
            "select private.ensure_day(((now() - %s) at time zone 'utc')::date)", (age,)
        )
        video_id = self.one(
            "insert into public.videos (id, user_id, video_url, created_at) "
            "select private.uuid_v7(t.at), %s, 'http://x/', t.at "
            "from (select now() - %s as at) as t returning id",
            owner,
            age,
        )
        self.owner.execute(
            "insert into private.video_files (video_id, file_id, file_path, bytes) "
            "values (%s, %s, %s, 1)",
            (video_id, file_id, f"{where}/{owner}-{age.days}.mp4"),
        )
        return str(video_id)

    def one(self, query: str, *parameters: Any) -> Any:
        """The one value a query gives."""
        row = self.owner.execute(query.encode(), parameters).fetchone()
        return row[0] if row else None

    def states(self) -> dict[str, int]:
        """How many orders for files and folders are in which state."""
        rows = self.owner.execute(
            "select state, count(*) from private.media_deletions "
            "where kind <> 'purge' group by state"
        )
        return dict(rows.fetchall())

    def alarms(self) -> list[str]:
        """The kinds of the open alarms."""
        return [kind for (kind,) in self.owner.execute("select kind from ops.alarms order by kind")]

    def files(self) -> int:
        """How many files the stand-in still has on its disk."""
        return len(self.standin.blobs())

    def make_due(self) -> None:
        """Let the time pass that orders wait."""
        self.owner.execute(
            "update private.media_deletions set not_before = now(), leased_until = null "
            "where state = 'queued'"
        )


MakeLab = Callable[[], Lab]
