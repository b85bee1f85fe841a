"""A small folder to deploy, and a deploy whose answer can be looked at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db.deploy import main

NOTES = "migrations/20260101000000_notes.sql"
AUTHOR = "functions/private/author.sql"
STAMP = "functions/private/stamp.sql"
LATEST = "functions/public/latest_note.sql"
VIEW = "functions/views/note_list.sql"
POLICIES = "policies/notes.sql"

# One of each kind: state, a helper a default calls, a trigger function, a view, a public function.
FILES = {
    NOTES: """
        create schema private;
        grant usage on schema private to anon, authenticated;
        create table public.notes (
            id integer generated always as identity primary key,
            author text not null,
            body text not null,
            changes integer not null default 0
        );
        alter table public.notes enable row level security;
    """,
    AUTHOR: """
        create or replace function private.author() returns text
        language sql stable
        begin atomic
            select coalesce(current_setting('request.jwt.claims', true), 'nobody');
        end;
        revoke all on function private.author() from public, anon, authenticated, service_role;
        grant execute on function private.author() to authenticated;
        comment on function private.author() is 'Who is asking.';
    """,
    STAMP: """
        create or replace function private.stamp() returns trigger
        language plpgsql set search_path = ''
        as $$
        begin
            new.changes := old.changes + 1;
            return new;
        end
        $$;
        revoke all on function private.stamp() from public, anon, authenticated, service_role;
    """,
    VIEW: """
        create or replace view public.note_list with (security_invoker = true) as
        select n.id, n.body from public.notes as n;
        revoke all on public.note_list from public, anon, authenticated, service_role;
        grant select on public.note_list to anon, authenticated;
        comment on view public.note_list is 'All notes.';
    """,
    LATEST: """
        create or replace function public.latest_note() returns text
        language sql stable
        begin atomic
            select max(l.body) from public.note_list as l;
        end;
        revoke all on function public.latest_note() from public, anon, authenticated, service_role;
        grant execute on function public.latest_note() to anon, authenticated;
    """,
    POLICIES: """
        revoke all on public.notes from public, anon, authenticated, service_role;
        grant select on public.notes to anon, authenticated;
        grant insert (body) on public.notes to authenticated;
        alter table public.notes alter column author set default private.author();
        create policy select_all on public.notes for select to anon, authenticated using (true);
        create policy insert_own on public.notes for insert to authenticated
        with check (author = private.author());
        create trigger stamp_on_update before update on public.notes
        for each row execute function private.stamp();
    """,
}


def write_files(root: Path) -> None:
    """Write the small folder."""
    for path, text in FILES.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


@dataclass(frozen=True)
class Answer:
    """What a deploy said, and its exit code."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Folder:
    """A folder of SQL files, the database it is deployed to, and ways to change both."""

    root: Path
    url: str
    capture: pytest.CaptureFixture[str]

    def write(self, path: str, text: str) -> None:
        """Create or replace a file."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace a piece of a file that is really in it."""
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def remove(self, path: str) -> None:
        """Delete a file."""
        (self.root / path).unlink()

    def run(self, *words: str) -> Answer:
        """Run `python -m db.deploy` with these words on this folder and database."""
        self.capture.readouterr()
        code = main([*words, "--folder", str(self.root), self.url])
        said = self.capture.readouterr()
        return Answer(code, said.out, said.err)

    def deploy(self) -> Answer:
        """Deploy, which must succeed."""
        answer = self.run()
        assert answer.code == 0, answer.out + answer.err
        return answer

    def refused(self, *expected: str) -> Answer:
        """Deploy, which must fail, say all of this, and leave no trace."""
        before = dump(self.url)
        answer = self.run()
        assert answer.code == 1, answer.out
        for text in (*expected, "nothing was changed"):
            assert text in answer.err
        assert dump(self.url) == before
        return answer

    def query(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query, asked by the owner."""
        with psycopg.connect(self.url, autocommit=True) as conn:
            cursor = conn.execute(query.encode())
            return cursor.fetchall() if cursor.description else []

    def value(self, query: str) -> Any:
        """The first value of the first row."""
        return self.query(query)[0][0]


def dump(url: str, *, history: bool = True) -> dict[str, Any]:
    """All the deploy keeps, and the catalog rows of everything in our schemas.

    The row versions show whether anything was written, even if it was written as it had been.
    """
    with psycopg.connect(url, autocommit=True) as conn:
        tables = [
            name
            for (name,) in conn.execute(
                "select c.oid::regclass::text from pg_class as c"
                " where c.relnamespace = to_regnamespace('deploy') and c.relkind = 'r' order by 1"
            )
            if history or name != "deploy.deploys"
        ]
        found: dict[str, Any] = {
            name: conn.execute(f"select t.* from {name} as t order by 1, 2".encode()).fetchall()
            for name in tables
        }
        if history:
            for catalog in ("pg_proc", "pg_class", "pg_policy", "pg_trigger", "pg_attribute"):
                found[catalog] = conn.execute(
                    f"select count(*), max(xmin::text::bigint) from {catalog}".encode()
                ).fetchall()
        return found
