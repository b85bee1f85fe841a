"""docs/runbook.md has a section for each alarm, and every statement in it runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.server import Database

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text()
# A statement ends where its line does; what follows is said to the reader.
STATEMENT = re.compile(r"(.+?)(;|\\gexec)[ \t]*(?:--[^\n]*)?\n", re.DOTALL)


def statements() -> list[tuple[str, str]]:
    """Each statement, and what ends it."""
    blocks = re.findall(r"```sql\n(.*?)```", RUNBOOK, re.DOTALL)
    found = [STATEMENT.findall(block) for block in blocks]
    for block, parts in zip(blocks, found, strict=True):
        assert STATEMENT.sub("", block).strip() == "", block
        assert parts
    return [(text.strip(), end) for parts in found for text, end in parts]


def raised_kinds() -> set[str]:
    """The kinds of alarm that the functions raise."""
    code = "\n".join(path.read_text() for path in (ROOT / "db/functions").rglob("*.sql"))
    calls = code.count("perform private.raise_alarm(")
    kinds = re.findall(r"perform private\.raise_alarm\(\s*'(\w+)'", code)
    assert len(kinds) == calls, "an alarm whose kind is no literal"
    return set(kinds)


@pytest.fixture(scope="module")
def owner(clone_database: Callable[[], Database]) -> Iterator[psycopg.Connection[Any]]:
    """The owner outside any transaction, in a database of his own."""
    with psycopg.connect(clone_database().owner_url, autocommit=True) as session:
        session.execute(
            "insert into public.user_profiles (user_id) values ('auth0|5f7c');"
            "select private.ensure_days();"
            "insert into public.videos (id, user_id, video_url)"
            " select private.uuid_v7(), 'auth0|5f7c', 'https://x/' || n"
            " from generate_series(1, 3) as n"
        )
        yield session


def test_every_alarm_has_a_section_and_every_section_an_alarm(
    owner: psycopg.Connection[Any],
) -> None:
    alarms = RUNBOOK.split("\n## Alarms\n", 1)[1].split("\n## ", 1)[0]
    sections = re.split(r"^### ", alarms, flags=re.MULTILINE)[1:]
    told = {section.split("\n", 1)[0] for section in sections}
    row = owner.execute(
        "select pg_get_constraintdef(oid) from pg_constraint where conname = 'alarms_kind_known'"
    ).fetchone()
    assert row is not None
    assert told == set(re.findall(r"'(\w+)'", row[0])) == raised_kinds()
    assert [section for section in sections if "```sql" not in section] == []


def test_every_statement_runs(owner: psycopg.Connection[Any]) -> None:
    """What is about a thing that is not there says so, and does nothing else wrong."""
    wrong = {}
    removed = 0
    for text, end in statements():
        try:
            rows = owner.execute(text.encode())
            if end == "\\gexec":
                for (each,) in rows.fetchall():
                    owner.execute(each.encode())
                    removed += 1
        except psycopg.errors.NoDataFound:
            continue
        except psycopg.Error as error:
            wrong[text] = str(error)
    assert wrong == {}
    assert removed == 3
    left = owner.execute("select from public.videos where deleted_at is null").fetchall()
    assert left == []


def test_what_it_names_is_there(owner: psycopg.Connection[Any]) -> None:
    there = {
        name
        for (name,) in owner.execute("select split_part(name, '(', 1) from ops.help()").fetchall()
    }
    named = set(re.findall(r"\bops\.\w+", RUNBOOK))
    assert named <= there
    # What only shows something is told where it helps.
    views = owner.execute("select name from ops.help() where kind = 'view'").fetchall()
    assert {"ops.locks", "ops.cron_health", "ops.top_statements"} <= named & {v for (v,) in views}
