"""db/catalog.md says what the database says."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest

from db import catalog
from tests.support.server import Database


@pytest.fixture(scope="module")
def described(clone_database: Callable[[], Database]) -> Database:
    return clone_database()


def test_the_committed_catalog_is_that_of_the_deployed_database(
    described: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    code = catalog.main(["--check", described.owner_url])
    assert code == 0, capsys.readouterr().out


def test_a_change_in_the_database_makes_the_catalog_stale(
    described: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with psycopg.connect(described.owner_url, autocommit=True) as owner:
        owner.execute("grant delete on public.videos to anon")
    try:
        assert catalog.main(["--check", described.owner_url]) == 1
    finally:
        with psycopg.connect(described.owner_url, autocommit=True) as owner:
            owner.execute("revoke delete on public.videos from anon")
    said = capsys.readouterr().out
    assert "+- `anon`: delete, select" in said
    assert "make catalog" in said


def test_the_catalog_shows_what_people_look_for(described: Database) -> None:
    text = catalog.describe(described.owner_url)

    for line in (
        '    "public.videos" ||--o{ "public.video_likes" : "video_id"',
        "### public.videos",
        "### private.video_files",
        "### public.video_feed",
        "| `bytes` | `bigint`, not null |  | Size of the video file. |",
        "- `authenticated`: select, update (title, description)",
    ):
        assert line in text.splitlines()
    assert "**public.feed**(`before uuid DEFAULT NULL::uuid, page_size integer DEFAULT 10`)" in text
    assert "Called by `anon`, `authenticated`, `service_role`." in text
    assert "`call private.repeat_job('private.fold_pending()')`" in text
    assert "**ops.set_setting**" in text


def test_the_catalog_is_the_same_every_time_and_leaves_the_leaves_out(described: Database) -> None:
    text = catalog.describe(described.owner_url)
    assert catalog.describe(described.owner_url) == text
    assert "partitions." not in text


def test_a_database_without_a_deploy_has_no_catalog(
    bare: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert catalog.main([bare.owner_url]) == 1
    assert "nothing was ever deployed" in capsys.readouterr().err
