"""Scripts for pgbench: one statement a call, exactly as the API sends it."""

from __future__ import annotations

from api.calls import SessionRole, guarded
from tests.support.server import OWNER

CLAIMS = {"authenticated": "bench.claims(:person)", "anon": "''"}
ADDRESS = 'format(\'{"x-client-address":"%s"}\', :person::text)'


def call(
    function: str,
    *,
    role: SessionRole | None = "authenticated",
    variables: str = "",
    people: int,
    is_set: bool = False,
    needs_address: bool = False,
) -> str:
    """Return a script that calls a function as one of so many people.

    `function` may use `:person` and whatever `variables`, lines of `\\set`, define. With no role
    it is the owner who calls.
    """
    rows = f"from {function} as f"
    answer = f"(select coalesce(json_agg(f), '[]')::text {rows})"
    if not is_set:
        answer = f"(select to_json(f)::text {rows})"
    address = 2 if needs_address else None
    statement = guarded(role or "authenticated", answer, address_parameter=address)
    statement = statement.replace("$1", CLAIMS[role or "authenticated"]).replace("$2", ADDRESS)
    if role is None:
        statement = statement.replace("current_user = 'authenticated'", f"current_user = '{OWNER}'")
    return f"{_drawn(people)}{variables}{statement};\n"


def transaction(calls: list[str], *, variables: str = "", people: int) -> str:
    """Return a script that makes several calls in one transaction, as one of so many people."""
    claims = f"select set_config('request.jwt.claims', {CLAIMS['authenticated']}, true);\n"
    statements = "".join(f"select {function};\n" for function in calls)
    return f"{_drawn(people)}{variables}begin;\n{claims}{statements}commit;\n"


def drawn(name: str, first: int, last: int) -> str:
    """Return a line that draws a number evenly."""
    return f"\\set {name} random({first}, {last})\n"


def drawn_by_zipf(name: str, count: int, exponent: float) -> str:
    """Return a line that draws a number below `count`, small ones far more often."""
    return f"\\set {name} random_zipfian(1, {count}, {exponent}) - 1\n"


def _drawn(people: int) -> str:
    return drawn("person", 1, people)
