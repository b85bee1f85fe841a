"""Write the catalog down as Markdown, the same for the same database."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from db.cataloging.queries import (
    Catalog,
    Column,
    Function,
    Grant,
    Policy,
    Reference,
    Relation,
    Trigger,
)

Part = TypeVar("Part", Column, Policy, Trigger, Grant)

_TRIGGER = re.compile(
    r"TRIGGER \S+ (?P<event>.+?) ON \S+ .*?FOR EACH (?P<each>ROW|STATEMENT)"
    r"(?: WHEN \((?P<condition>.+)\))? EXECUTE FUNCTION (?P<function>\S+?)\(",
    re.DOTALL,
)
_INTRODUCTION = """\
<!-- Printed by "python -m db.catalog" from the database's own comments. Do not edit. -->

# Catalog

What is in the database, who may do what with it, and what runs by itself. The comments are those
of the objects, as `\\d+`, `\\df+` and `\\dv+` show them in psql. Owners may do everything and
are not listed.
"""
_BEHIND = """\
Not exposed: policies, views and functions use them in the caller's name, or the API calls them as
`media_worker`."""


def render(catalog: Catalog) -> str:
    """The whole file."""
    tables = [one for one in catalog.relations if not one.is_view]
    views = [one for one in catalog.relations if one.is_view]
    by_schema = {
        schema: [one for one in catalog.functions if one.schema == schema]
        for schema in ("public", "private", "ops")
    }
    sections = [
        [_INTRODUCTION.rstrip()],
        ["## Diagram", *_diagram(tables, catalog)],
        *_tables(tables, catalog),
        ["## Views", *_views((one for one in views if one.schema != "ops"), catalog)],
        ["## Functions that clients call", *_functions(by_schema["public"])],
        [
            "## Functions behind them that somebody may call",
            _BEHIND,
            *_functions(one for one in by_schema["private"] if one.callers),
        ],
        ["## For administrators", *_views((one for one in views if one.schema == "ops"), catalog)],
        _functions(by_schema["ops"]),
        ["## Timetable", *_timetable(catalog)],
    ]
    return "\n\n".join("\n\n".join(section) for section in sections if section) + "\n"


def _diagram(tables: Sequence[Relation], catalog: Catalog) -> list[str]:
    """Tables with their keys, and the foreign keys between them, for Mermaid."""
    lines = ["```mermaid", "erDiagram"]
    for table in tables:
        keys = [one for one in _of(table, catalog.columns) if one.in_primary_key or one.refers_to]
        if keys:
            lines += [f'    "{table.identity}" {{', *map(_diagram_column, keys), "    }"]
    for one in catalog.references:
        many = "o|" if one.at_most_one else "o{"
        one_parent = "|o" if _is_optional(one, catalog.columns) else "||"
        lines.append(f'    "{one.parent}" {one_parent}--{many} "{one.child}" : "{one.columns}"')
    return ["\n".join([*lines, "```"])]


def _diagram_column(column: Column) -> str:
    marks = ", ".join(
        mark for mark, holds in (("PK", column.in_primary_key), ("FK", column.refers_to)) if holds
    )
    return f"        {re.sub(r'[^a-z0-9]+', '_', column.type)} {column.name} {marks}"


def _is_optional(reference: Reference, columns: Iterable[Column]) -> bool:
    return any(
        one.relation == reference.child
        and one.name in reference.columns.split(", ")
        and not one.not_null
        for one in columns
    )


def _tables(tables: Sequence[Relation], catalog: Catalog) -> Iterator[list[str]]:
    for schema in ("public", "private"):
        yield [f"## Tables in {schema}"]
        for table in (one for one in tables if one.schema == schema):
            yield [f"### {table.identity}", _text(table.comment), *_table(table, catalog)]


def _table(table: Relation, catalog: Catalog) -> Iterator[str]:
    if table.partitioned_by:
        yield f"Partitioned by {table.partitioned_by.lower()}: one leaf a UTC day."
    yield _grid(
        ("column", "type", "default", "what"),
        (
            (_code(one.name), _type(one), _code(one.default_value), _text(one.comment))
            for one in _of(table, catalog.columns)
        ),
    )
    policies = _of(table, catalog.policies)
    if policies:
        yield _grid(("policy", "for", "to", "rows"), map(_policy, policies))
    elif table.has_row_security:
        yield "Row level security is on and there is no policy: nobody but the owner sees a row."
    triggers = [_TRIGGER.search(one.text) for one in _of(table, catalog.triggers)]
    if triggers:
        names = [one.name for one in _of(table, catalog.triggers)]
        yield _grid(
            ("trigger", "when", "calls"),
            (
                (_code(name), _event(found), _code(found["function"] if found else None))
                for name, found in zip(names, triggers, strict=True)
            ),
        )
    yield _grants(_of(table, catalog.grants))


def _type(column: Column) -> str:
    notes = [
        _code(column.type),
        "not null" if column.not_null else "",
        "primary key" if column.in_primary_key else "",
        f"→ {column.refers_to}" if column.refers_to else "",
    ]
    return ", ".join(note for note in notes if note)


def _policy(policy: Policy) -> tuple[str, ...]:
    command = policy.command if policy.permissive else f"{policy.command} (restrictive)"
    rows = [_code(policy.using_expression)] if policy.using_expression else []
    if policy.check_expression:
        rows.append(f"new ones: {_code(policy.check_expression)}")
    return _code(policy.name), command, ", ".join(policy.roles), "<br>".join(rows)


def _event(trigger: re.Match[str] | None) -> str:
    if not trigger:
        return ""
    event = f"{trigger['event'].lower()}, each {trigger['each'].lower()}"
    return f"{event}, when {_code(trigger['condition'])}" if trigger["condition"] else event


def _grants(grants: Sequence[Grant]) -> str:
    if not grants:
        return "Granted to nobody."
    by_role: dict[str, list[str]] = {}
    for one in grants:
        columns = f" ({', '.join(one.columns)})" if one.columns else ""
        by_role.setdefault(one.role, []).append(one.privilege + columns)
    lines = (f"- `{role}`: {', '.join(what)}" for role, what in sorted(by_role.items()))
    return "Grants:\n\n" + "\n".join(lines)


def _views(views: Iterable[Relation], catalog: Catalog) -> Iterator[str]:
    for view in views:
        yield f"### {view.identity}"
        yield _text(view.comment)
        yield _grid(
            ("column", "type", "what"),
            (
                (_code(one.name), _code(one.type), _text(one.comment))
                for one in _of(view, catalog.columns)
            ),
        )
        yield _grants(_of(view, catalog.grants))


def _functions(functions: Iterable[Function]) -> list[str]:
    blocks = []
    for one in functions:
        result = f" → `{one.result}`" if one.result else ""
        callers = ", ".join(f"`{caller}`" for caller in one.callers) or "nobody but the owner"
        rights = " Runs with its owner's rights." if one.is_definer else ""
        blocks.append(
            f"**{one.schema}.{one.name}**(`{_one_line(one.arguments)}`){result}  \n"
            f"{_text(one.comment)}  \nCalled by {callers}.{rights}".replace("(``)", "()")
        )
    return blocks


def _timetable(catalog: Catalog) -> Iterator[str]:
    yield "Schedules are in UTC."
    yield _grid(
        ("job", "schedule", "command", "purpose"),
        (
            (one.job, _code(one.schedule), _code(one.command), _text(one.purpose))
            for one in catalog.jobs
        ),
    )


def _of(relation: Relation, things: Iterable[Part]) -> list[Part]:
    return [one for one in things if one.relation == relation.identity]


def _grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def _code(text: str | None) -> str:
    return f"`{_one_line(text)}`" if text else ""


def _text(comment: str | None) -> str:
    return _one_line(comment or "").replace("<", "&lt;")


def _one_line(text: str) -> str:
    return " ".join(text.split())
