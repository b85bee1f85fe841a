"""Try everything as everybody in one transaction, and fold the outcomes into few lines."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import class_row

from tests.behaviour.templates import CALLS, INSERTS

WORLD = Path(__file__).parent / "world.sql"
STATES = ("visible", "own", "hidden", "deleted", "expired", "aged", "held")

# The name of each persona, and how to speak as one.
PERSONAS = {
    "anonymous": "tests.as_anonymous()",
    "forged": 'tests.speak(\'anon\', \'{"sub": "owner", "role": "authenticated"}\')',
    "owner": "tests.sign_in('owner')",
    "stranger": "tests.sign_in('stranger')",
    "blocked": "tests.sign_in('blocked')",
    "suspended": "tests.sign_in('suspended')",
    "no_sub": "tests.speak('authenticated', '{\"role\": \"authenticated\"}')",
    "service": "tests.as_service()",
}

_RELATIONS = """
select
    case n.nspname
        when 'partitions' then regexp_replace(c.relname, '[0-9]{8}', '<day>')
        else c.oid::regclass::text
    end as title,
    min(c.oid::regclass::text) as name,
    (
        select array_agg(a.attname::text order by a.attnum)
        from pg_attribute as a
        where a.attrelid = min(c.oid::bigint)::oid and a.attnum > 0 and not a.attisdropped
    ) as columns,
    bool_or(has_any_column_privilege('anon', c.oid, 'select, insert, update')
        or has_any_column_privilege('authenticated', c.oid, 'select, insert, update')
        or has_any_column_privilege('service_role', c.oid, 'select, insert, update')
    ) as is_reachable
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
where
    n.nspname in ('public', 'private', 'ops', 'partitions', 'deploy')
    and c.relkind in ('r', 'p', 'v')
group by title
order by 1
"""
_FUNCTIONS = """
select p.oid::regprocedure::text
from pg_proc as p
where
    p.pronamespace::regnamespace::text in ('public', 'private', 'ops', 'partitions', 'deploy')
    and p.prorettype <> 'trigger'::regtype
    and exists (
        select from unnest(array['anon', 'authenticated', 'service_role']) as r (name)
        where has_function_privilege(r.name, p.oid, 'execute')
    )
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
order by 1
"""

Key = tuple[str, str, str, str]  # subject, verb, column, state


@dataclass(frozen=True)
class Relation:
    """A table or view; `is_reachable` by clients, or shut altogether."""

    title: str
    name: str
    columns: list[str]
    is_reachable: bool

    def wheres(self) -> Iterator[tuple[str, str]]:
        """The rows to try things with, and the clause that finds them."""
        yield "all", ""
        if not self.is_reachable:
            return
        if "video_id" in self.columns or self.name == "videos":
            key = "id" if self.name == "videos" else "video_id"
            yield from ((state, f"where {key} = $video") for state in STATES)
        elif "user_id" in self.columns:
            yield "mine", "where user_id = $me"
            yield "another's", "where user_id = 'writer'"


class MissingTemplateError(Exception):
    """A function that clients may execute has no call template."""


@dataclass
class Outcomes:
    """What each persona got, by what was tried."""

    by_case: dict[Key, list[str]] = field(default_factory=lambda: defaultdict(list))

    def lines(self) -> Iterator[str]:
        """The outcomes as lines of a table, equal ones folded together."""
        yield "\t".join(("subject", "tried", "on", "rows", *PERSONAS))
        for subject in sorted({case[0] for case in self.by_case}):
            for cells in sorted(self._folded(subject)):
                yield "\t".join((subject, *cells))

    def _folded(self, subject: str) -> Iterable[tuple[str, ...]]:
        cases = {case[1:]: tuple(got) for case, got in self.by_case.items() if case[0] == subject}
        if len(set(cases.values())) == 1 < len(cases):
            return [("*", "*", "*", *next(iter(cases.values())))]
        # First the columns, then the states of the rows, then what was tried.
        columns = _fold(
            ((verb, state), column, got) for (verb, column, state), got in cases.items()
        )
        states = _fold(((verb, on), state, got) for (verb, state), on, got in columns)
        verbs = _fold(((on, state), verb, got) for (verb, on), state, got in states)
        return [(verb, on, state, *got) for (on, state), verb, got in verbs]


Folded = tuple[tuple[str, str], str, tuple[str, ...]]


def _fold(cases: Iterable[Folded]) -> list[Folded]:
    """Join the middle ones of equal outcome; "*" is all of several."""
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    alike: dict[tuple[tuple[str, str], tuple[str, ...]], list[str]] = defaultdict(list)
    for key, member, got in cases:
        members[key].append(member)
        alike[key, got].append(member)
    return [
        (key, "*" if len(found) == len(members[key]) > 1 else ", ".join(sorted(found)), got)
        for (key, got), found in alike.items()
    ]


@dataclass(frozen=True)
class Rows:
    """A video, and what there is around it of the one who tries things."""

    me: str
    video: str
    comment: str
    other: str

    def value(self, argument: Any) -> Any:
        """The value that a template means."""
        if isinstance(argument, str) and argument.startswith("$"):
            return getattr(self, argument.removeprefix("$"))
        return argument

    def fill(self, template: str) -> str:
        """A template as SQL, with this video and what is around it."""
        for name in ("video", "comment", "other"):
            template = template.replace(f"${name}", f"'{getattr(self, name)}'::uuid")
        return template.replace("$me", f"'{self.me}'")


def rows_for(connection: psycopg.Connection[Any], persona: str) -> dict[str, Rows]:
    """The video in each state that a persona tries things with."""
    me = persona if persona in ("owner", "stranger", "blocked", "suspended") else "owner"
    names = {"own": "visible" if me == "owner" else f"own {me}"}
    found = {}
    for state in STATES:
        row = connection.execute(
            "select v.id::text, max(c.id::text) filter (where c.user_id = %s),"
            " max(c.id::text) filter (where c.user_id = 'writer')"
            " from public.videos as v inner join public.video_comments as c on v.id = c.video_id"
            " where v.id = tests.id(%s) group by v.id",
            [me, names.get(state, state)],
        ).fetchone()
        assert row is not None
        found[state] = Rows(me, *row)
    return found


def probe(connection: psycopg.Connection[Any]) -> str:
    """Make the world, try everything as everybody, and take it all back.

    Raises MissingTemplateError naming the functions without a call.
    """
    functions = [name for (name,) in connection.execute(_FUNCTIONS.encode()).fetchall()]
    if missing := sorted(set(functions) - CALLS.keys()):
        message = f"tests/behaviour/templates.py has no call of: {', '.join(missing)}"
        raise MissingTemplateError(message)
    with connection.transaction(force_rollback=True):
        make_world(connection)
        rows = {persona: rows_for(connection, persona) for persona in PERSONAS}
        outcomes = outcomes_of(connection, rows, relations_of(connection), functions)
    return "\n".join(outcomes.lines()) + "\n"


def make_world(connection: psycopg.Connection[Any]) -> None:
    """One of everything; by their names the videos are known until the transaction ends."""
    connection.execute("select tests.as_owner()")
    connection.execute(WORLD.read_bytes())
    connection.execute("reset role")


def relations_of(connection: psycopg.Connection[Any]) -> list[Relation]:
    """Every table and view."""
    with connection.cursor(row_factory=class_row(Relation)) as cursor:
        return cursor.execute(_RELATIONS.encode()).fetchall()


def outcomes_of(
    connection: psycopg.Connection[Any],
    rows: dict[str, dict[str, Rows]],
    relations: list[Relation],
    functions: list[str],
) -> Outcomes:
    """Try everything as everybody, with each persona's own rows."""
    outcomes = Outcomes()
    for persona, speaks in PERSONAS.items():
        tried = list(_tried(rows[persona], relations, functions))
        connection.execute(f"select {speaks}".encode())
        got = connection.execute(
            "select array(select tests.outcome(t.statement) from unnest(%s::text[])"
            " with ordinality as t (statement, place) order by t.place)",
            [[statement for _, statement in tried]],
        ).fetchone()
        connection.execute("reset role")
        assert got is not None
        for (case, _), outcome in zip(tried, got[0], strict=True):
            outcomes.by_case[case].append(outcome)
    return outcomes


def _tried(
    rows: dict[str, Rows], relations: list[Relation], functions: list[str]
) -> Iterator[tuple[Key, str]]:
    for relation in relations:
        for case, template in _on_relation(relation):
            yield case, rows[case[3] if case[3] in STATES else "visible"].fill(template)
    for function in functions:
        for template in CALLS[function]:
            states = STATES if "$" in template else ("",)
            for state in states:
                case = (function, template.replace("public.", ""), "", state)
                yield case, rows[state or "visible"].fill(f"select from {template} as found")


def _on_relation(relation: Relation) -> Iterator[tuple[Key, str]]:
    title, name = relation.title, relation.name
    yield (title, "truncate", "", "all"), f"truncate {name}"
    for column in relation.columns:
        quoted = f'"{column}"'
        yield (title, "select", column, "all"), f"select {quoted} from {name}"
        yield (title, "insert", column, "new"), f"insert into {name} ({quoted}) values (null)"
    for state, where in relation.wheres():
        if state != "all":
            yield (title, "select", "", state), f"select from {name} {where}"
        yield (title, "delete", "", state), f"delete from {name} {where}"
        for column in relation.columns:
            update = f'update {name} set "{column}" = "{column}" {where}'
            yield (title, "update", column, state), update
    for insert in INSERTS.get(name, ()):
        verb = f"insert {insert.template}"
        for state in STATES if insert.needs_a_video else ("new",):
            yield (title, verb, "", state), f"insert into {name} {insert.template}"
