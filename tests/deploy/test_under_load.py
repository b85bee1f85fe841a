"""Deploying this project while people use it: nobody notices."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from db.deploy import main
from tests.deploy.real import ROOT
from tests.support.limits import widen
from tests.support.server import Database

CLIENTS = 8
VIDEOS = 5

AS_USER = "select set_config('request.jwt.claims', %s, true) is not null"
FEED = "select count(*) from public.feed(page_size => 10) as f"
LIKE = f"select (public.like_video(%s, %s)).likes_count where ({AS_USER})"
COMMENT = f"select (public.add_video_comment(%s, %s)).id where ({AS_USER})"
PAGE = "select count(*) from public.video_comments_page(%s) as c"


class Client(threading.Thread):
    """Somebody who reads, likes and comments without a pause, and remembers what went wrong."""

    def __init__(self, database: Database, number: int, videos: list[str]) -> None:
        super().__init__(name=f"client {number}")
        self.database = database
        self.videos = videos
        self.claims = json.dumps({"sub": f"client-{number}", "role": "authenticated"})
        self.done = 0
        self.longest = 0.0
        self.failures: list[str] = []
        self.finished = threading.Event()

    def run(self) -> None:
        """Until told to stop."""
        with (
            psycopg.connect(self.database.anon_url, autocommit=True) as anon,
            psycopg.connect(self.database.user_url, autocommit=True) as user,
        ):
            while not self.finished.is_set():
                for video in self.videos:
                    liked = self.done % 2 == 0
                    self._say(anon, FEED, ())
                    self._say(user, LIKE, (video, liked, self.claims))
                    self._say(user, COMMENT, (video, "hello", self.claims))
                    self._say(anon, PAGE, (video,))

    def _say(
        self, conn: psycopg.Connection[tuple[object, ...]], query: str, values: tuple[object, ...]
    ) -> None:
        begun = time.perf_counter()
        try:
            rows = conn.execute(query.encode(), values).fetchall()
            if len(rows) != 1:
                self.failures.append(f"{query}: {rows}")
        except psycopg.Error as error:
            self.failures.append(f"{error.sqlstate} {error}")
        self.done += 1
        self.longest = max(self.longest, time.perf_counter() - begun)


@pytest.fixture
def busy(clone_database: Callable[[], Database]) -> tuple[Database, list[str]]:
    """A copy of the deployed project with some videos in it."""
    database = clone_database()
    widen(database.owner_url)
    with psycopg.connect(database.owner_url) as owner:
        owner.execute("insert into public.user_profiles (user_id) values ('ada')")
        rows = owner.execute(
            """
            insert into public.videos (id, user_id, video_url)
            select private.uuid_v7(), 'ada', 'https://media.example.com/' || n || '.mp4'
            from generate_series(1, %s) as n
            returning id::text
            """,
            (VIDEOS,),
        ).fetchall()
    return database, [str(row[0]) for row in rows]


def change(folder: Path, number: int) -> None:
    """What an ordinary release changes: a function and what hangs on the busiest table."""
    function = folder / "functions" / "public" / "feed.sql"
    policies = folder / "policies" / "video_likes.sql"
    function.write_text(
        function.read_text().replace("begin\n", f"begin\n    -- Release {number}.\n", 1)
    )
    policies.write_text(f"{policies.read_text()}\n-- Release {number}.\n")


@pytest.mark.parametrize("deploys", [4, pytest.param(12, marks=pytest.mark.slow)])
def test_deploys_under_load_fail_no_statement_of_a_client(
    busy: tuple[Database, list[str]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    deploys: int,
) -> None:
    database, videos = busy
    folder = tmp_path / "db"
    shutil.copytree(ROOT / "db", folder, ignore=shutil.ignore_patterns("__pycache__"))
    clients = [Client(database, number, videos) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        for number in range(deploys):
            if number % 2:
                change(folder, number)
            code = main(["--folder", str(folder), database.owner_url])
            assert code == 0, capsys.readouterr()
            time.sleep(0.1)
    finally:
        for client in clients:
            client.finished.set()
        for client in clients:
            client.join()

    said = capsys.readouterr().out
    assert said.count("deployed in") == deploys
    assert said.count("public.video_likes (changed)") >= deploys // 2
    assert [failure for client in clients for failure in client.failures] == []
    assert min(client.done for client in clients) >= 10 * deploys
    assert max(client.longest for client in clients) < 3
