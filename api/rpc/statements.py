"""The one statement of an RPC: Postgres itself turns JSON into arguments and results into JSON.

Names come from the catalogue, or are what the client wants to call a column, and are quoted;
values are only ever parameters: `$1` the claims, `$2` the arguments, then the caller's address
where it is told, then what the result is compared with and how much of it is wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count

from api.calls import guarded
from api.catalogue import Argument, Function
from api.identity import Role
from api.rpc.modifiers import Filter, Item, Shape
from api.rpc.names import Field

BODY_PARAMETER = 2
ADDRESS_PARAMETER = 3
# What the search path of every session begins with.
DEFAULT_SCHEMA = "public"

# A function may say these about its answer. They are read when it has run.
_SAID = ", ".join(
    f"nullif(current_setting('response.{what}', true), '')" for what in ("status", "headers")
)


@dataclass(frozen=True, slots=True, eq=False)
class Manner:
    """How a call is made. Made by `manner`, once for each."""

    role: Role
    read_only: bool
    # All values are JSON strings in Postgres's own notation, as a query string brings them.
    as_text: bool
    with_address: bool
    # The first row alone instead of an array.
    first_row: bool
    max_rows: int

    def guarded(self, answer: str, columns: int) -> str:
        """Return the statement that runs `answer` as the caller."""
        return guarded(
            self.role,
            answer,
            columns=columns,
            address_parameter=ADDRESS_PARAMETER if self.with_address else None,
            read_only=self.read_only,
        )


@cache
def manner(
    *,
    role: Role,
    read_only: bool,
    as_text: bool,
    with_address: bool,
    first_row: bool,
    max_rows: int,
) -> Manner:
    """Return the one `Manner` of these."""
    return Manner(role, read_only, as_text, with_address, first_row, max_rows)


@lru_cache(maxsize=1024)
def statement(function: Function, keys: frozenset[str], how: Manner) -> str:
    """Return the statement that calls `function` with the arguments named in `keys`.

    It gives four texts: the answer's JSON, the number of rows, and the status and the headers
    that the function has set, if any.
    """
    source = _source(function, keys, how, limited=True)
    answer = f"(select array[{_json(function, how)}, count(*)::text, {_SAID}] from {source})"  # noqa: S608 - names from the catalogue, quoted
    return how.guarded(answer, columns=4)


@lru_cache(maxsize=1024)
def shaped_statement(
    function: Function, keys: frozenset[str], how: Manner, shape: Shape, *, counted: bool
) -> str:
    """Return the same for a part of the result; a fifth text is the number of all rows, or null.

    Its last two parameters are `limit` and `offset`.
    """
    numbers = count(ADDRESS_PARAMETER + how.with_address)
    selected = ", ".join(_item(item, function, numbers) for item in shape.items)
    conditions = " and ".join(_condition(f, function, numbers) for f in shape.filters)
    where = f" where {conditions}" if conditions else ""
    sorting = ", ".join(_expression(s.field, function, numbers) + s.manner for s in shape.sortings)
    order = f" order by {sorting}" if sorting else ""
    total = f"(select count(*)::text from source as result{where})" if counted else "null"  # noqa: S608
    value = "result.*" if function.returns_row else "result.pgrst_scalar"
    source = _source(function, keys, how, limited=False)
    answer = (
        f"(with source as materialized (select {value} from {source}) "  # noqa: S608
        f"select array[{_json(function, how)}, count(*)::text, {_SAID}, {total}] from ("
        f"select {selected or 'result.*'} from source as result{where}{order} "
        f"limit ${next(numbers)}::bigint offset ${next(numbers)}::bigint) as result)"
    )
    return how.guarded(answer, columns=5)


def opening(function: Function, *, may_roll_back: bool) -> str | None:
    """Return what must be said before the call, or None where it needs no transaction.

    A limit of time holds from the next statement on, and names are looked up when a statement
    is planned: neither can be set by the statement itself.
    """
    settings = ["begin"]
    if function.timeout is not None:
        settings.append(f"set local statement_timeout = {_literal(function.timeout)}")
    if function.schema != DEFAULT_SCHEMA and not function.pins_search_path:
        path = ", ".join(quoted(name) for name in (function.schema, DEFAULT_SCHEMA, "extensions"))
        settings.append(f"set local search_path = {path}")
    if len(settings) == 1 and not may_roll_back:
        return None
    return "; ".join(settings)


def quoted(name: str) -> str:
    """Return an identifier that can be nothing but an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _source(function: Function, keys: frozenset[str], how: Manner, *, limited: bool) -> str:
    used = [argument for argument in function.arguments if argument.name in keys]
    variadic = function.arguments[-1] if function.is_variadic else None
    listed = ", ".join(
        f"{'variadic ' if argument is variadic else ''}{quoted(argument.name)}"
        f" => body.{quoted(argument.name)}"
        for argument in used
    )
    called = f"{quoted(function.schema)}.{quoted(function.name)}({listed})"
    limit = f" limit {how.max_rows}" if limited and function.returns_set else ""
    if function.returns_row:
        # Taken apart and put together again: a null row then shows its columns, as PostgREST's.
        result = f"(select result.* from {called} as result{limit}) as result"  # noqa: S608
    elif limit:
        named = f"{called} as result (pgrst_scalar)"
        result = f"(select result.pgrst_scalar from {named}{limit}) as result"  # noqa: S608
    else:
        result = f"{called} as result (pgrst_scalar)"
    return f"{_body(used, as_text=how.as_text)} as body cross join lateral {result}"


def _body(used: list[Argument], *, as_text: bool) -> str:
    """Return the row of arguments; only those sent are named, so that defaults apply."""
    if not used:
        # The parameter is there in any case and wants a type.
        return f"(select ${BODY_PARAMETER}::json)"
    if as_text:
        columns = ", ".join(
            f"(${BODY_PARAMETER}::json ->> {_literal(argument.name)})::{argument.type}"
            f" as {quoted(argument.name)}"
            for argument in used
        )
        return f"(select {columns})"
    names = ", ".join(quoted(argument.name) for argument in used)
    typed = ", ".join(f"{quoted(argument.name)} {argument.type}" for argument in used)
    return f"(select {names} from json_to_record(${BODY_PARAMETER}::json) as given ({typed}))"  # noqa: S608


def _json(function: Function, how: Manner) -> str:
    if function.returns_void:
        return "''"
    value = "result" if function.returns_row else "result.pgrst_scalar"
    if function.returns_set and how.first_row:
        # Of scalars too PostgREST answers an object, with a name of its own in it.
        value = "result"
    elif function.returns_set:
        return f"coalesce(json_agg({value}), '[]')::text"
    return f"coalesce((json_agg({value}) -> 0)::text, 'null')"


def _item(item: Item, function: Function, numbers: Iterator[int]) -> str:
    if item.field is None:
        return "result.*"
    cast = f"::{item.cast}" if item.cast else ""
    alias = f" as {quoted(item.alias)}" if item.alias is not None else ""
    return f"{_expression(item.field, function, numbers)}{cast}{alias}"


def _condition(condition: Filter, function: Function, numbers: Iterator[int]) -> str:
    text = f"{_expression(condition.field, function, numbers)} {condition.operator}"
    if condition.takes_value:
        value = f"${next(numbers)}"
        text += f" {condition.each} ({value})" if condition.each else f" {value}"
    return f"not ({text})" if condition.negated else f"({text})"


def _expression(field: Field, function: Function, numbers: Iterator[int]) -> str:
    column = f"result.{quoted(field.column)}"
    if not field.path:
        return column
    document = column if function.columns[field.column] else f"to_jsonb({column})"
    steps = "".join(
        f" {'->>' if step.as_text else '->'} ${next(numbers)}::{'int' if step.is_index else 'text'}"
        for step in field.path
    )
    return f"({document}{steps})"
