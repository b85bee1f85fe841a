"""Whatever anybody tries, with whatever row, ends as it is written down."""

from difflib import unified_diff
from typing import Any

import psycopg
import pytest

from tests.behaviour.__main__ import FILE
from tests.behaviour.probe import MissingTemplateError, probe

Connection = psycopg.Connection[Any]


def difference(connection: Connection) -> list[str]:
    """The lines that are not as they are committed."""
    committed, found = FILE.read_text().splitlines(), probe(connection).splitlines()
    lines = unified_diff(committed, found, "committed", "found", n=0, lineterm="")
    return [line for line in lines if line[:2] not in ("--", "++", "@@")]


def test_everybody_gets_what_is_committed(connection: Connection) -> None:
    found = difference(connection)
    assert found == [], "write it again with `make behaviour` if it should be so"


# What to plant, and whose line has to change.
HOLES = {
    "drop policy select_visible on public.videos": "videos",
    "alter policy delete_own on public.video_likes using (true)": "video_likes",
    "grant update (likes_count) on public.videos to authenticated": "videos",
    "grant delete on private.video_viewers to anon": "private.video_viewers",
    "grant usage on schema ops to anon; grant select on ops.settings to anon": "ops.settings",
    "drop trigger block_1_prepare_on_insert on public.user_blocks": "user_blocks",
    "create or replace function private.is_own_expired_video(video_id uuid) returns boolean"
    " language sql stable security definer set search_path = '' as 'select true'": (
        "get_video(uuid)"
    ),
}


def test_holes_are_seen(connection: Connection) -> None:
    for hole in HOLES:
        connection.execute(hole.encode())
    changed = {line[1:].split("\t")[0] for line in difference(connection)}
    assert set(HOLES.values()) <= changed


def test_a_function_without_a_call_fails_by_name(connection: Connection) -> None:
    connection.execute(
        "create function public.shout(text text) returns text language sql return text;"
        "grant execute on function public.shout(text) to anon"
    )
    with pytest.raises(MissingTemplateError, match=r"no call of: shout\(text\)"):
        probe(connection)
