"""The one statement of an RPC: Postgres itself turns JSON into arguments and results into JSON.

Names come from the catalogue and are quoted; what the caller sends is only ever `$2`.
"""

from __future__ import annotations

from functools import lru_cache

from api.calls import guarded
from api.catalogue import SCHEMA, Argument, Function
from api.identity import Role

BODY_PARAMETER = 2
ADDRESS_PARAMETER = 3


@lru_cache(maxsize=1024)
def statement(
    function: Function,
    keys: frozenset[str],
    role: Role,
    *,
    read_only: bool,
    as_text: bool,
    with_address: bool,
) -> str:
    """Return the statement that calls `function` with the arguments named in `keys`.

    It gives two texts: the answer's JSON and the number of rows. `as_text` says that the values
    are all JSON strings in Postgres's own notation, as a query string brings them.
    """
    used = [argument for argument in function.arguments if argument.name in keys]
    variadic = function.arguments[-1] if function.is_variadic else None
    listed = ", ".join(
        f"{'variadic ' if argument is variadic else ''}{quoted(argument.name)}"
        f" => body.{quoted(argument.name)}"
        for argument in used
    )
    source = f"{_body(used, as_text=as_text)} as body cross join lateral {_call(function, listed)}"
    answer = f"(select array[{_json(function)}, count(*)::text] from {source})"  # noqa: S608 - names from the catalogue, quoted
    return guarded(
        role,
        answer,
        columns=2,
        address_parameter=ADDRESS_PARAMETER if with_address else None,
        read_only=read_only,
    )


def quoted(name: str) -> str:
    """Return an identifier that can be nothing but an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


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


def _call(function: Function, arguments: str) -> str:
    called = f"{quoted(SCHEMA)}.{quoted(function.name)}({arguments})"
    if function.returns_row:
        # Taken apart and put together again: a null row then shows its columns, as PostgREST's.
        return f"(select result.* from {called} as result) as result"  # noqa: S608
    return f"{called} as result (value)"


def _json(function: Function) -> str:
    if function.returns_void:
        return "''"
    value = "result" if function.returns_row else "result.value"
    if function.returns_set:
        return f"coalesce(json_agg({value}), '[]')::text"
    return f"coalesce((json_agg({value}) -> 0)::text, 'null')"
