"""db/permissions.tsv says who may do what, and nothing is without a decision."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from db import permissions
from tests.support.server import Database

CLIENTS = ("public", "anon", "authenticated")
Check = Callable[[str, str], str]


@pytest.fixture(scope="module")
def deployed(clone_database: Callable[[], Database]) -> Database:
    return clone_database()


@pytest.fixture
def check(deployed: Database, capsys: pytest.CaptureFixture[str]) -> Check:
    """What the check says while a change is there; it has to fail."""

    @contextmanager
    def changed(change: str, back: str) -> Iterator[None]:
        with psycopg.connect(deployed.admin_url, autocommit=True) as admin:
            admin.execute("set role postgres")
            admin.execute(change.encode())
            try:
                yield
            finally:
                admin.execute(back.encode())

    def said(change: str, back: str) -> str:
        with changed(change, back):
            assert permissions.main(["--check", deployed.owner_url]) == 1
        return capsys.readouterr().out

    return said


def committed() -> list[dict[str, str]]:
    head, *lines = (Path(permissions.__file__).parent / "permissions.tsv").read_text().splitlines()
    return [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]


def test_the_committed_rights_are_those_of_the_deployed_database(
    deployed: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    code = permissions.main(["--check", deployed.owner_url])
    assert code == 0, capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "back", "line"),
    [
        (
            "create table public.diary (entry text)",
            "drop table public.diary",
            "+column\tpublic.diary.entry\t",
        ),
        (
            "create function private.shout() returns text language sql return 'a'",
            "drop function private.shout()",
            "+function\tprivate.shout()\texecute\texecute\texecute\t",
        ),
        (
            "create procedure private.shout() language sql begin atomic select 1; end",
            "drop procedure private.shout()",
            "+procedure\tprivate.shout()\texecute\t",
        ),
        (
            "create sequence private.numbers",
            "drop sequence private.numbers",
            "+sequence\tprivate.numbers\t-\t-\t",
        ),
        (
            "create view ops.odd as select 1 as one",
            "drop view ops.odd",
            "+view\tops.odd\t",
        ),
        (
            "alter table public.videos add column mood text",
            "alter table public.videos drop column mood",
            "+column\tpublic.videos.mood\t-\tselect\tselect\t",
        ),
        (
            "grant update (likes_count) on public.videos to authenticated",
            "revoke update (likes_count) on public.videos from authenticated",
            "+column\tpublic.videos.likes_count\t-\tselect\tselect update\t",
        ),
        (
            "grant truncate on public.video_likes to public",
            "revoke truncate on public.video_likes from public",
            "+table\tpublic.video_likes\ttruncate\tselect truncate\t",
        ),
        (
            "grant usage on schema ops to anon",
            "revoke usage on schema ops from anon",
            "+schema\tops\t-\tusage\t",
        ),
        (
            "revoke execute on function public.feed(uuid, integer) from anon",
            "grant execute on function public.feed(uuid, integer) to anon",
            "-function\tpublic.feed(uuid,integer)\t-\texecute\t",
        ),
    ],
    ids=lambda value: value if value[:1] not in "+-" else "",
)
def test_a_new_object_or_right_fails_by_name(
    check: Check, change: str, back: str, line: str
) -> None:
    said = check(change, back)
    assert any(found.startswith(line) for found in said.splitlines()), said
    assert "make permissions" in said


def test_a_decision_without_an_object_fails_by_name(check: Check) -> None:
    said = check(
        "alter function public.unblock_user(text) rename to unblock",
        "alter function public.unblock(text) rename to unblock_user",
    )
    assert "-function\tpublic.unblock_user(text)\t" in said


def test_a_right_that_is_inherited_counts(check: Check) -> None:
    said = check(
        "reset role; create role insider; grant insider to anon;"
        " grant select on private.settings to insider",
        "reset role; revoke select on private.settings from insider; drop role insider",
    )
    assert "+table\tprivate.settings\t-\tselect\t" in said


def test_clients_read_and_call_and_write_what_the_contract_lists() -> None:
    writes = {
        (line["object"], role, right)
        for line in committed()
        if line["kind"] in ("table", "view", "column")
        for role in CLIENTS
        for right in line[role].split()
        if right not in ("select", "-")
    }
    assert writes == {
        ("public.video_likes", "authenticated", "delete"),
        ("public.video_likes.video_id", "authenticated", "insert"),
        ("public.video_comments", "authenticated", "delete"),
        ("public.video_comments.video_id", "authenticated", "insert"),
        ("public.video_comments.text", "authenticated", "insert"),
        ("public.video_comments.request_id", "authenticated", "insert"),
        ("public.videos.title", "authenticated", "update"),
        ("public.videos.description", "authenticated", "update"),
        ("public.user_profiles.username", "authenticated", "update"),
        ("public.user_profiles.avatar", "authenticated", "update"),
        ("public.user_blocks", "authenticated", "delete"),
        ("public.user_blocks.blocked_user_id", "authenticated", "insert"),
    }
    assert all(line["public"] == "-" for line in committed())


def test_the_logins_of_the_api_hold_nothing_themselves() -> None:
    logins = ("api_anon", "api_user", "api_media")
    assert [line for line in committed() if any(line[login] != "-" for login in logins)] == []
