"""Every rule of a deployed database, each with the statement that takes it away."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

ROOMS = ("public", "private", "ops")
CLIENTS = ("anon", "authenticated")

_POLICIES = """
select
    p.polname as name,
    p.polrelid::regclass::text as relation,
    pg_get_expr(p.polqual, p.polrelid) as using_text,
    pg_get_expr(p.polwithcheck, p.polrelid) as check_text
from pg_policy as p
inner join pg_class as c on p.polrelid = c.oid
where
    c.relnamespace::regnamespace::text = any (%(rooms)s)
    or starts_with(p.polname, 'ig_live_') -- on a table of others
order by 2, 1
"""
_CONSTRAINTS = """
select
    k.conname as name,
    k.conrelid::regclass::text as relation
from pg_constraint as k
inner join pg_class as c on k.conrelid = c.oid
where
    c.relnamespace::regnamespace::text = any (%(rooms)s)
    and k.contype in ('c', 'u', 'f', 'x')
    and k.conparentid = 0
order by 2, 1
"""
_UNIQUE_INDEXES = """
select
    i.indexrelid::regclass::text as name,
    i.indrelid::regclass::text as relation
from pg_index as i
inner join pg_class as c on i.indrelid = c.oid
where
    c.relnamespace::regnamespace::text = any (%(rooms)s)
    and i.indisunique
    and not exists (select from pg_constraint as k where k.conindid = i.indexrelid)
order by 1
"""
_TRIGGERS = """
select t.tgname as name, t.tgrelid::regclass::text as relation
from pg_trigger as t
inner join pg_class as c on t.tgrelid = c.oid
where
    c.relnamespace::regnamespace::text = any (%(rooms)s)
    and not t.tgisinternal
    and t.tgparentid = 0
order by 2, 1
"""
_RELATIONS = """
select
    c.oid::regclass::text as name,
    c.relkind = 'v' as is_view,
    c.relrowsecurity as has_row_security
from pg_class as c
where
    c.relnamespace::regnamespace::text = any (%(rooms)s)
    and c.relkind in ('r', 'p', 'v')
order by 1
"""
_FUNCTIONS = """
select
    p.oid::regprocedure::text as name,
    case p.prokind when 'p' then 'procedure' else 'function' end as kind,
    p.prosrc as source,
    p.prosqlbody is null as has_source,
    pg_get_functiondef(p.oid) as definition,
    coalesce(p.proconfig @> array['search_path=""'], false) as pins_search_path
from pg_proc as p
where
    p.pronamespace::regnamespace::text = any (%(rooms)s)
    and p.prokind in ('f', 'p')
    and not exists (
        select from pg_depend as d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
order by 1
"""
_HELD_RIGHTS = """
select
    'table' as kind,
    c.oid::regclass::text as object,
    x.grantee::regrole::text as role,
    lower(x.privilege_type) || case
        when a.attname is null then '' else format(' (%%I)', a.attname)
    end as privilege
from pg_class as c
left join pg_attribute as a
    on c.oid = a.attrelid and a.attacl is not null and not a.attisdropped
cross join lateral aclexplode(coalesce(a.attacl, c.relacl)) as x
where
    c.relnamespace::regnamespace::text = any (%(rooms)s)
    and c.relkind in ('r', 'p', 'v')
    and x.grantee not in (0, c.relowner)
    and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
union
select
    case p.prokind when 'p' then 'procedure' else 'function' end,
    p.oid::regprocedure::text,
    x.grantee::regrole::text,
    'execute'
from pg_proc as p
cross join lateral aclexplode(p.proacl) as x
where
    p.pronamespace::regnamespace::text = any (%(rooms)s)
    and p.prokind in ('f', 'p')
    and x.grantee not in (0, p.proowner)
order by 1, 2, 3, 4
"""
_DEFAULTS = """
select
    c.oid::regclass::text as relation,
    a.attname as name
from pg_attrdef as d
inner join pg_class as c on d.adrelid = c.oid
inner join pg_attribute as a on c.oid = a.attrelid and d.adnum = a.attnum
where
    c.relnamespace::regnamespace::text = any (%(rooms)s)
    and pg_get_expr(d.adbin, d.adrelid) ~ 'viewer_'
order by 1, 2
"""

# An if that only raises is a check; so is a call of a function that only raises.
_CHECK = re.compile(
    r"\bif\b(?P<condition>(?:(?!\bif\b|\bthen\b).)+?)\bthen\s+"
    r"(?=raise exception|perform private\.raise_|perform private\.refuse_)",
    re.DOTALL,
)
_REQUIRED = re.compile(r"perform private\.(?:require|guard|spend|take)_\w+\([^;]*\);")
_VISIBILITY = re.compile(r"\b(?:not )?private\.(?:can_see_video|is_suspended)\(")


@dataclass(frozen=True)
class Mutant:
    """A rule taken away: what it is called, what does it, and the words to find its tests by."""

    name: str
    statement: str
    about: str

    @property
    def is_about_a_clause(self) -> bool:
        """Whether it takes away what a convention asks of every object of its kind."""
        return self.name.endswith(("no row level security", "reads as its owner", "not pinned"))


def mutants(connection: psycopg.Connection[Any]) -> Iterator[Mutant]:
    """Every mutant of the database, in a stable order."""
    yield from _of_policies(connection)
    for relation in _rows(connection, _RELATIONS):
        name = relation["name"]
        if relation["is_view"]:
            statement = f"alter view {name} set (security_invoker = false)"
            yield Mutant(f"view {name}: reads as its owner", statement, name)
        elif relation["has_row_security"]:
            statement = f"alter table {name} disable row level security"
            yield Mutant(f"table {name}: no row level security", statement, name)
        for role in CLIENTS:
            statement = f"grant all on {name} to {role}"
            yield Mutant(f"{name}: everything granted to {role}", statement, name)
    for constraint in _rows(connection, _CONSTRAINTS):
        name, relation = constraint["name"], constraint["relation"]
        statement = f"alter table {relation} drop constraint {name} cascade"
        yield Mutant(f"constraint {name}: dropped", statement, relation)
    for index in _rows(connection, _UNIQUE_INDEXES):
        statement = f"drop index {index['name']}"
        yield Mutant(f"unique index {index['name']}: dropped", statement, index["relation"])
    for trigger in _rows(connection, _TRIGGERS):
        name, relation = trigger["name"], trigger["relation"]
        statement = f"drop trigger {name} on {relation}"
        yield Mutant(f"trigger {name} on {relation}: dropped", statement, relation)
    for default in _rows(connection, _DEFAULTS):
        relation, name = default["relation"], default["name"]
        statement = f"alter table {relation} alter column {name} drop default"
        yield Mutant(f"default of {relation}.{name}: dropped", statement, relation)
    for right in _rows(connection, _HELD_RIGHTS):
        privilege, object_, role = right["privilege"], right["object"], right["role"]
        on = object_ if right["kind"] == "table" else f"{right['kind']} {object_}"
        statement = f"revoke {privilege} on {on} from {role}"
        yield Mutant(f"{object_}: {privilege} taken from {role}", statement, object_)
    yield from _of_functions(connection)


def _rows(connection: psycopg.Connection[Any], query: str) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(query.encode(), {"rooms": list(ROOMS)}).fetchall()


def _of_policies(connection: psycopg.Connection[Any]) -> Iterator[Mutant]:
    for policy in _rows(connection, _POLICIES):
        name, relation = policy["name"], policy["relation"]
        title = f"policy {name} on {relation}"
        yield Mutant(f"{title}: dropped", f"drop policy {name} on {relation}", relation)
        for clause, text in (("using", policy["using_text"]), ("with check", policy["check_text"])):
            if text is None or text == "true":
                continue
            alter = f"alter policy {name} on {relation} {clause}"
            yield Mutant(f"{title}: {clause} (true)", f"{alter} (true)", relation)
            parts = conjuncts(text)
            for number, part in enumerate(parts if len(parts) > 1 else ()):
                rest = " and ".join(parts[:number] + parts[number + 1 :])
                yield Mutant(
                    f"{title}: {clause} without {_short(part)}", f"{alter} ({rest})", relation
                )


def conjuncts(expression: str) -> list[str]:
    """The parts of an expression as Postgres prints it that are joined by AND, outermost."""
    text = expression.strip()
    while _is_wrapped(text):
        text = text[1:-1].strip()
    parts, depth, start = [], 0, 0
    for match in re.finditer(r"\(|\)|'(?:[^']|'')*'| AND ", text):
        token = match.group()
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
        elif token == " AND " and depth == 0:
            parts.append(text[start : match.start()].strip())
            start = match.end()
    return [*parts, text[start:].strip()]


def _is_wrapped(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for position, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if depth == 0:
            return position == len(text) - 1
    return False


def _of_functions(connection: psycopg.Connection[Any]) -> Iterator[Mutant]:
    for function in _rows(connection, _FUNCTIONS):
        name, kind = function["name"], function["kind"]
        statement = f"grant execute on {kind} {name} to public"
        yield Mutant(f"{name}: everybody may execute it", statement, name)
        if function["pins_search_path"]:
            statement = f"alter {kind} {name} reset search_path"
            yield Mutant(f"{name}: search_path not pinned", statement, name)
        if function["has_source"]:
            for title, source in changed_bodies(function["source"]):
                statement = function["definition"].replace(function["source"], source)
                yield Mutant(f"{name}: {title}", statement, name)


def changed_bodies(source: str) -> Iterator[tuple[str, str]]:
    """Each check of a plpgsql body, and the body without it."""
    for match in _CHECK.finditer(source):
        start, end = match.span("condition")
        condition = match["condition"].strip()
        body = f"{source[:start]} false and ({condition}) {source[end:]}"
        yield f"never refuses when {_short(condition)}", body
    for match in _REQUIRED.finditer(source):
        body = f"{source[: match.start()]}null;{source[match.end() :]}"
        yield f"without {_short(match.group())}", body
    for match in _VISIBILITY.finditer(source):
        if not _is_condition(source, match.start()):
            continue
        end = _closing(source, match.end() - 1)
        body = f"{source[: match.start()]}true{source[end:]}"
        yield f"without {_short(source[match.start() : end])}", body


def _is_condition(source: str, start: int) -> bool:
    return re.search(r"\b(and|where)\s+$", source[:start]) is not None


def _closing(source: str, opening: int) -> int:
    depth = 0
    for position in range(opening, len(source)):
        depth += {"(": 1, ")": -1}.get(source[position], 0)
        if depth == 0:
            return position + 1
    return len(source)


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 70 else f"{words[:67]}..."
