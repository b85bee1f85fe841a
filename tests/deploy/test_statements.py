"""Statements end where psql says they end."""

from __future__ import annotations

import pytest

from db.deployment.statements import line_at, split


@pytest.mark.parametrize(
    "text",
    [
        "select ';'",
        "select 'it''s; fine'",
        r"select e'a\';b'",
        r"select '\' || 1",
        'select ";" from t',
        "select $$;$$",
        "select $tag$ $$;$$ ; $other$ $tag$",
        "select 1 -- ;\n+ 2",
        "select /* ; /* ; */ ; */ 1",
        "create rule r as on insert to t do also (select 1; select 2)",
        "create function f() returns int begin atomic select 1; select 2; end",
        "create function f() returns int begin atomic select case when a then 1 end; end",
        "create or replace function f() begin atomic select case b when case a end end; end",
        "create or replace procedure f() begin atomic select 1; end",
        "select foo$bar$baz from t$1$",
    ],
)
def test_a_semicolon_inside_does_not_end_a_statement(text: str) -> None:
    statements = split(f"{text};\n  -- then\n select 1;;\n/* nothing */ ;")

    first, then = statements
    assert (first.start, first.end) == (0, len(text))
    assert then.head == ["select", "1"]


def test_a_statement_that_does_not_end_is_one_too() -> None:
    assert len(split("select 1; select 'never closed; ")) == 2
    assert len(split("select 1; select $$ never closed; ")) == 2
    assert len(split("select 1 /* never closed; ")) == 1
    assert split(" -- nothing\n") == []


def test_begin_is_a_name_like_any_other_outside_of_a_function() -> None:
    assert len(split("alter table t rename begin to a; select 1;")) == 2


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("create function private.f(a int) returns int return 1", "private.f"),
        ("CREATE OR REPLACE FUNCTION Private.F() returns int return 1", "private.f"),
        ('create or replace view "Odd"."a ""name""" as select 1', 'Odd.a "name"'),
        ("create procedure public . p () language sql as ''", "public.p"),
        ("create view v as select 1", "v"),
        ("create or replace view /* why */ public.v with (a = b) as select 1", "public.v"),
        ("create table public.t (a int)", None),
        ("create index on public.t (a)", None),
        ("drop view public.v", None),
        ("comment on view public.v is 'v'", None),
    ],
)
def test_the_name_a_statement_declares(text: str, name: str | None) -> None:
    assert [one.declared_name for one in split(text)] == [name]


def test_lines_are_counted_from_one() -> None:
    text = "a\nb\n\nc"
    assert [line_at(text, text.index(letter)) for letter in "abc"] == [1, 2, 4]
