"""What a query string asks of a function's result: `select`, `order` and filters.

A request becomes a `Shape`, which decides the text of the statement, and the values that go into
it as parameters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from api.rpc import failures
from api.rpc.failures import RarerError
from api.rpc.names import FIELD, NAME, Field, bare, field

RESERVED = frozenset({"select", "order", "limit", "offset", "columns", "and", "or", "on_conflict"})
OPERATORS = {
    "eq": "=",
    "neq": "<>",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "like": "like",
    "ilike": "ilike",
    "match": "~",
    "imatch": "~*",
    "isdistinct": "is distinct from",
}
TRUTHS = {
    "null": "is null",
    "not_null": "is not null",
    "true": "is true",
    "false": "is false",
    "unknown": "is unknown",
}
# Words of the client that stand in a statement: none but these. Others are for PostgREST.
CASTS = frozenset({
    "text", "varchar", "json", "jsonb", "uuid", "boolean", "bool", "smallint", "int2", "integer",
    "int", "int4", "bigint", "int8", "numeric", "real", "float4", "float8", "date", "time",
    "timestamp", "timestamptz", "interval",
})  # fmt: skip

_RARE_OPERATOR = r"cs|cd|ov|sl|sr|nxl|nxr|adj|(?:fts|plfts|phfts|wfts)(?:\(\w+\))?"
_OPERATION = re.compile(
    rf"(?P<negated>not\.)?(?:(?P<operator>in|is|{'|'.join(OPERATORS)})"
    rf"(?P<each>\((?:any|all)\))?|(?P<rare>{_RARE_OPERATOR}))\.(?P<value>.*)",
    re.DOTALL,
)
_ELEMENT = re.compile(r'("(?:[^"\\]|\\.)*")(?=[,)])|([^,)]*)(?=[,)])', re.DOTALL)
# To the end of the text, if need be: looking for an end from every quote takes too long.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.?)*"?', re.DOTALL)
_ITEM = re.compile(
    rf"(?:(?P<alias>{NAME}):(?!:))?(?P<field>{FIELD}|\s*\*\s*)(?:::(?P<cast>[\w ]+))?(?:,|$)"
)
_ORDER = re.compile(
    rf"(?P<field>{FIELD})(?:\.(?P<direction>asc|desc))?(?:\.nulls(?P<nulls>first|last))?"
    r" ?(?:,|$)"
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing selected; without a field it is every column."""

    field: Field | None
    alias: str | None
    cast: str | None


@dataclass(frozen=True, slots=True)
class Sorting:
    """One thing to sort by. `manner` is SQL of our own."""

    field: Field
    manner: str


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition. `operator` is SQL of our own; what it compares with is a parameter, if any."""

    field: Field
    operator: str
    negated: bool
    takes_value: bool
    each: str | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """What is asked of a result, without the values."""

    items: tuple[Item, ...] = ()
    filters: tuple[Filter, ...] = ()
    sortings: tuple[Sorting, ...] = ()

    @property
    def fields(self) -> list[Field]:
        """Return everything that must exist."""
        selected = [item.field for item in self.items if item.field is not None]
        return [*selected, *(f.field for f in self.filters), *(s.field for s in self.sortings)]


@dataclass(frozen=True, slots=True)
class Modifiers:
    """A shape and its values, in the order in which the statement's text names them."""

    shape: Shape
    values: tuple[str, ...]


NONE = Modifiers(Shape(), ())

# Statements are kept, so one of them must not be large.
MAX_TEXT = 4000


def is_operation(value: str) -> bool:
    """Tell whether a query parameter's value is a filter's."""
    return _OPERATION.match(value) is not None


def modifiers(pairs: list[tuple[str, str]]) -> Modifiers:
    """Return what these query parameters ask for, `limit` and `offset` apart."""
    items: tuple[Item, ...] = ()
    selected: tuple[str, ...] = ()
    sortings: tuple[Sorting, ...] = ()
    sorted_by: tuple[str, ...] = ()
    filters: list[Filter] = []
    compared: list[str] = []
    seen: set[str] = set()
    for name, value in pairs:
        if len(value if name in RESERVED else name) > MAX_TEXT:
            raise RarerError(failures.not_served(f"More than {MAX_TEXT} characters of columns"))
        if name in RESERVED:
            if name in seen:
                raise RarerError(failures.not_served(f"The parameter {name} given twice"))
            seen.add(name)
        if name == "select":
            items, selected = _select(value)
        elif name == "order":
            sortings, sorted_by = _order(value)
        elif name not in {"limit", "offset"}:
            condition, values = _filter(name, value)
            filters.append(condition)
            compared.extend(values)
    if not (items or filters or sortings):
        return NONE
    shape = Shape(items, tuple(filters), sortings)
    return Modifiers(shape, (*selected, *compared, *sorted_by))


@lru_cache(maxsize=512)
def _select(text: str) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    if text.strip() in {"", "*"}:
        return (), ()
    if "(" in _QUOTED.sub("", text):
        raise RarerError(failures.not_served("Embedding and aggregates in select"))
    items = []
    values: list[str] = []
    at = 0
    ends_open = text.rstrip().endswith(",")
    while at < len(text):
        found = _ITEM.match(text, at)
        if found is None or ends_open:
            raise failures.not_parsed("select parameter", text, at)
        at = found.end()
        item, keys = _item(found, text)
        items.append(item)
        values.extend(keys)
    return tuple(items), tuple(values)


def _item(found: re.Match[str], text: str) -> tuple[Item, tuple[str, ...]]:
    alias = bare(found["alias"]) if found["alias"] else None
    cast = found["cast"]
    if cast is not None:
        cast = cast.strip().lower()
        if cast not in CASTS:
            raise RarerError(failures.type_unknown(cast))
    if found["field"].strip() == "*":
        if alias or cast:
            raise failures.not_parsed("select parameter", text, found.start())
        return Item(None, None, None), ()
    parsed = field(found["field"])
    if parsed is None:
        raise failures.not_parsed("select parameter", text, found.start())
    if alias is None and parsed[0].path:
        # What is found is called as the last key on the way.
        keys = [
            key for step, key in zip(parsed[0].path, parsed[1], strict=True) if not step.is_index
        ]
        alias = keys[-1] if keys else parsed[0].column
    elif alias is None and cast is not None:
        alias = parsed[0].column
    return Item(parsed[0], alias, cast), parsed[1]


@lru_cache(maxsize=512)
def _order(text: str) -> tuple[tuple[Sorting, ...], tuple[str, ...]]:
    if "(" in _QUOTED.sub("", text):
        raise RarerError(failures.not_served("Ordering by an embedded resource"))
    sortings = []
    values: list[str] = []
    at = 0
    ends_open = text.rstrip().endswith(",") or not text.strip()
    while at < len(text) or ends_open:
        found = _ORDER.match(text, at)
        parsed = None if found is None or ends_open else field(found["field"])
        if found is None or parsed is None:
            raise failures.not_parsed("order", text, at)
        at = found.end()
        direction = f" {found['direction']}" if found["direction"] else ""
        nulls = f" nulls {found['nulls']}" if found["nulls"] else ""
        sortings.append(Sorting(parsed[0], direction + nulls))
        values.extend(parsed[1])
    return tuple(sortings), tuple(values)


def _filter(name: str, value: str) -> tuple[Filter, list[str]]:
    if name in RESERVED or name.rpartition(".")[2] in RESERVED:
        raise RarerError(failures.not_served(f"The parameter {name[:40]}"))
    found = _OPERATION.fullmatch(value)
    if found is None:
        raise failures.not_parsed("filter", value, 0)
    if found["rare"]:
        raise RarerError(failures.not_served(f"The operator {found['rare']}"))
    parsed = field(name)
    if parsed is None:
        if "." in name:
            raise RarerError(failures.not_served("A filter on an embedded resource"))
        raise failures.not_parsed("tree path", name, 0)
    negated = found["negated"] is not None
    operator, given, each = found["operator"], found["value"], found["each"]
    if operator in {"in", "is"} and each:
        raise failures.not_parsed("filter", value, 0)
    if operator == "is":
        truth = TRUTHS.get(given.lower())
        if truth is None:
            raise failures.not_parsed("filter", value, value.index("is.") + 3)
        return Filter(parsed[0], truth, negated, takes_value=False), list(parsed[1])
    if operator == "in":
        condition = Filter(parsed[0], "=", negated, takes_value=True, each="any")
        return condition, [*parsed[1], _array(given, value)]
    if operator in {"like", "ilike"}:
        given = given.replace("*", "%")
    condition = Filter(
        parsed[0], OPERATORS[operator], negated, takes_value=True, each=each[1:-1] if each else None
    )
    return condition, [*parsed[1], given]


def _array(listed: str, value: str) -> str:
    """Return `(1,"two, three")` as Postgres writes an array."""
    inside = listed.strip()
    elements = []
    at = 1
    while inside[:1] == "(":
        found = _ELEMENT.match(inside, at)
        if found is None:
            break
        elements.append(found[2] if found[1] is None else bare(found[1]))
        at = found.end() + 1
        if inside[at - 1] == ")":
            break
    if not elements or at != len(inside) or inside[-1] != ")":
        raise failures.not_parsed("filter", value, len(value))
    if elements == [""]:
        return "{}"
    escaped = (element.replace("\\", "\\\\").replace('"', '\\"') for element in elements)
    return "{" + ",".join(f'"{element}"' for element in escaped) + "}"
