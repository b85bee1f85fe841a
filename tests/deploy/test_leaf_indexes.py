"""An index that comes to a partitioned table in use is built beside its writers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.deploy.real import ROOT, deploy
from tests.support.server import Database

INDEX = "video_likes_user_id_video_id_idx"
LIKE = "insert into public.video_likes (video_id, user_id) values (%s, %s)"
UNINDEXED = f"""
select count(*)::integer from pg_inherits as h
where h.inhparent = 'public.video_likes'::regclass and not exists (
    select from pg_index as i
    inner join pg_inherits as a on i.indexrelid = a.inhrelid
    where i.indrelid = h.inhrelid and a.inhparent = 'public.{INDEX}'::regclass
)
"""

Session = psycopg.Connection[Any]


@pytest.fixture
def upgraded(clone_database: Callable[[], Database]) -> Iterator[tuple[Database, Session, str]]:
    """A database whose leaf of today had likes when the index's migration ran."""
    database = clone_database()
    text = (ROOT / "db/migrations/20261124100200_trending.sql").read_text()
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(f"drop index public.{INDEX}".encode())
        owner.execute("insert into public.user_profiles (user_id) values ('ada')")
        row = owner.execute(
            "insert into public.videos (id, user_id, video_url)"
            " values (private.uuid_v7(), 'ada', 'https://x/') returning id::text"
        ).fetchone()
        assert row is not None
        owner.execute(LIKE, [row[0], "ada"])
        owner.execute(text[text.index("create index") :].encode())
        yield database, owner, row[0]


def unindexed(session: Session) -> int:
    row = session.execute(UNINDEXED.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_a_leaf_with_rows_is_indexed_after_the_deploy(
    upgraded: tuple[Database, Session, str],
) -> None:
    database, owner, _ = upgraded
    assert unindexed(owner) == 1

    done = deploy(database.owner_url)
    assert done.returncode == 0, done.stderr
    assert "1 leaf indexed" in done.stdout
    assert unindexed(owner) == 0
    valid = "select indisvalid from pg_index where indexrelid = %s::regclass"
    assert owner.execute(valid, [f"public.{INDEX}"]).fetchone() == (True,)

    verified = deploy(database.owner_url, "verify")
    assert verified.returncode == 0, verified.stdout
    assert "indexed" not in deploy(database.owner_url).stdout


def test_a_leaf_in_use_is_left_for_the_next_deploy(
    upgraded: tuple[Database, Session, str],
) -> None:
    database, owner, video_id = upgraded
    with psycopg.connect(database.owner_url) as writer:
        writer.execute(LIKE, [video_id, "bob"])
        busy = deploy(database.owner_url)
        assert busy.returncode == 0, busy.stderr
        assert "is in use: deploy again" in busy.stdout
    assert unindexed(owner) == 1
    assert "1 leaf indexed" in deploy(database.owner_url).stdout
    assert unindexed(owner) == 0
    query = "select count(*) from public.video_likes where user_id in ('ada', 'bob')"
    assert owner.execute(query).fetchone() == (2,)


def test_a_day_made_meanwhile_has_the_index(upgraded: tuple[Database, Session, str]) -> None:
    _, owner, _ = upgraded
    assert owner.execute("select private.ensure_day('2032-01-01')").fetchone() == (True,)
    assert unindexed(owner) == 1
