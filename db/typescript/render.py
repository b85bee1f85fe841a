"""Write the types down, in the shape `supabase gen types typescript` has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from textwrap import wrap

from db.typescript import known
from db.typescript.queries import Column, Function, Relation, Surface
from db.typescript.relationships import Relationship, Relationships

_SIMPLE = {
    "bool": "boolean",
    "void": "undefined",
    "json": "Json",
    "jsonb": "Json",
    **dict.fromkeys(("int2", "int4", "int8", "float4", "float8", "numeric"), "number"),
    **dict.fromkeys(
        (
            *("bpchar", "bytea", "citext", "date", "interval", "text", "time", "timetz"),
            *("timestamp", "timestamptz", "uuid", "varchar"),
        ),
        "string",
    ),
}
_PLAIN_NAME = re.compile(r"[a-zA-Z_$][\w$]*")
_COMMENT_WIDTH = 80
_NOTHING = "[_ in never]: never"

_HEAD = """\
// Made from the database by `make types`; edit nothing here.
//
//     const client = createClient<Database>(url, key)
//
// What is not in it is closed to clients. Insert and Update allow the columns an app may write;
// all others are `never`. The shape is that of `supabase gen types typescript`.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

"""
_TAIL = """\

type Public = Database["public"]

/** A row, as it is read: `Tables<"video_feed">`. */
export type Tables<Name extends keyof (Public["Tables"] & Public["Views"])> =
  (Public["Tables"] & Public["Views"])[Name]["Row"]

/** What an app may insert: `TablesInsert<"video_comments">`. */
export type TablesInsert<Name extends keyof Public["Tables"]> =
  Public["Tables"][Name]["Insert"]

/** What an app may update: `TablesUpdate<"videos">`. */
export type TablesUpdate<Name extends keyof Public["Tables"]> =
  Public["Tables"][Name]["Update"]

export type Enums<Name extends keyof Public["Enums"]> = Public["Enums"][Name]
"""

Block = list[str]


def render(surface: Surface) -> str:
    """The text of clients/database.types.ts."""
    return _Writer(surface).text()


class _Writer:
    """Each method gives lines, indented from nothing."""

    def __init__(self, surface: Surface) -> None:
        self.surface = surface
        self.relationships = Relationships(surface)

    def text(self) -> str:
        relations = self.surface.relations.values()
        public = [
            *_object("Tables", [self.relation(one) for one in relations if not one.is_view]),
            *_object("Views", [self.relation(one) for one in relations if one.is_view]),
            *_object("Functions", self.functions()),
            *_object("Enums", self.enums()),
            *_object("CompositeTypes", []),
        ]
        database = _object("export type Database =", [_object("public", [public])])
        return _HEAD + known.DECLARATIONS + "\n" + "\n".join(database) + "\n" + _TAIL

    def relation(self, relation: Relation) -> Block:
        columns = self.surface.columns_of(relation.oid)
        parts = _object("Row", [self.row_column(relation, one) for one in columns])
        if not relation.is_view:
            parts += _object("Insert", [self.inserted(one) for one in columns])
            parts += _object("Update", [self.updated(one) for one in columns])
        parts += _list("Relationships", map(_relationship, self.relationships.of(relation.oid)))
        return [*_comment(relation.comment), *_object(_name(relation.name), [parts])]

    def row_column(self, relation: Relation, column: Column) -> Block:
        shape = known.SHAPES.get((relation.name, column.name))
        type_ = shape or self.type_of(column.type_id)
        may_be_null = not (
            self.is_required(column) or column.name in known.NEVER_NULL.get(relation.name, ())
        )
        return [*_comment(column.comment), f"{_name(column.name)}: {_nullable(type_, may_be_null)}"]

    def is_required(self, column: Column) -> bool:
        """Whether it always has a value; a column that a view passes on is as its source is.

        That is wrong for the optional side of an outer join, of which no view here passes a
        column on.
        """
        source = self.relationships.source(column.relation_id, column.number)
        return column.is_required or source in self.surface.required

    def inserted(self, column: Column) -> Block:
        if not column.may_insert:
            return [f"{_name(column.name)}?: never"]
        may_be_left_out = column.has_default or not column.is_required
        return [self.written(column, may_be_left_out=may_be_left_out)]

    def updated(self, column: Column) -> Block:
        if not column.may_update:
            return [f"{_name(column.name)}?: never"]
        return [self.written(column, may_be_left_out=True)]

    def written(self, column: Column, *, may_be_left_out: bool) -> str:
        type_ = _nullable(self.type_of(column.type_id), not column.is_required)
        return f"{_name(column.name)}{'?' if may_be_left_out else ''}: {type_}"

    def functions(self) -> Iterable[Block]:
        for function in self.surface.functions:
            parts = [
                *self.arguments(function),
                f"Returns: {self.returned(function)}",
                *self.set_options(function),
            ]
            yield [*_comment(function.comment), *_object(_name(function.name), [parts])]

    def arguments(self, function: Function) -> Block:
        given = function.arguments("ibv")
        if not given:
            return ["Args: Record<PropertyKey, never>"]
        nullable = known.NULLABLE_ARGUMENTS.get(function.name, ())
        lines = []
        for one in given:
            may_be_null = one.is_null_by_default or one.name in nullable
            type_ = _nullable(self.type_of(one.type_id), may_be_null)
            lines.append(f"{_name(one.name)}{'?' if one.default else ''}: {type_}")
        return _object("Args", [lines])

    def returned(self, function: Function) -> str:
        relation = self.returned_relation(function)
        results = function.arguments("bot")
        if relation:
            kind = "Views" if relation.is_view else "Tables"
            row = f'Database["public"]["{kind}"]["{relation.name}"]["Row"]'
        elif len(results) > 1 or function.arguments("t"):
            nullable = known.NULLABLE_RESULTS.get(function.name, ())
            fields = (
                f"{_name(one.name)}: {_nullable(self.type_of(one.type_id), one.name in nullable)}"
                for one in results
            )
            row = f"{{ {'; '.join(fields)} }}"
        else:
            row = self.type_of(function.result_type)
        is_list = function.returns_set and (function.returns_many or not relation)
        return f"{row}[]" if is_list else row

    def set_options(self, function: Function) -> Block:
        """What supabase-js needs to let a caller select of a function's rows."""
        relation = self.returned_relation(function)
        if not relation:
            return []
        lines = [
            'from: "*"',
            f"to: {json.dumps(relation.name)}",
            f"isOneToOne: {_word(not (function.returns_set and function.returns_many))}",
            f"isSetofReturn: {_word(function.returns_set)}",
        ]
        return _object("SetofOptions", [lines])

    def returned_relation(self, function: Function) -> Relation | None:
        type_ = self.surface.types[function.result_type]
        return self.surface.relations.get(type_.relation_id)

    def enums(self) -> Iterable[Block]:
        public = [one for one in self.surface.types.values() if one.is_public and one.labels]
        for type_ in sorted(public, key=lambda one: one.name):
            yield [f"{_name(type_.name)}: {_labels(type_.labels)}"]

    def type_of(self, type_id: int) -> str:
        type_ = self.surface.types[type_id]
        if type_.base_id:
            return self.type_of(type_.base_id)
        if type_.element_id:
            return f"({self.type_of(type_.element_id)})[]"
        if type_.labels:
            return (
                f'Database["public"]["Enums"][{json.dumps(type_.name)}]'
                if type_.is_public
                else _labels(type_.labels)
            )
        return _SIMPLE.get(type_.name, "unknown")


def _object(name: str, members: Iterable[Block]) -> Block:
    """A named object type; `name` may end with the sign that stands between."""
    lines = [f"  {line}" for member in members for line in member] or [f"  {_NOTHING}"]
    return [f"{name} {{" if name.endswith("=") else f"{name}: {{", *lines, "}"]


def _list(name: str, members: Iterable[Block]) -> Block:
    lines = [f"  {line}" for member in members for line in member]
    return [f"{name}: [", *lines, "]"] if lines else [f"{name}: []"]


def _relationship(one: Relationship) -> Block:
    return [
        "{",
        f"  foreignKeyName: {json.dumps(one.key)}",
        f"  columns: {json.dumps(one.columns)}",
        f"  isOneToOne: {_word(one.is_one_to_one)}",
        f"  referencedRelation: {json.dumps(one.referenced_relation)}",
        f"  referencedColumns: {json.dumps(one.referenced_columns)}",
        "},",
    ]


def _comment(text: str | None) -> Block:
    """A comment that editors show; the database's own, as it is."""
    if not text:
        return []
    lines = wrap(text.replace("*/", "* /"), _COMMENT_WIDTH)
    if len(lines) == 1:
        return [f"/** {lines[0]} */"]
    return ["/**", *(f" * {line}" for line in lines), " */"]


def _nullable(type_: str, may_be_null: bool) -> str:
    if type_ == "Json":  # null is one of its values
        return type_ if may_be_null else "NonNullable<Json>"
    return f"{type_} | null" if may_be_null and type_ != "unknown" else type_


def _labels(labels: Sequence[str]) -> str:
    return " | ".join(map(json.dumps, labels))


def _name(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)


def _word(value: bool) -> str:
    return "true" if value else "false"
