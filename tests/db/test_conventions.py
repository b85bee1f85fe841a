"""Each convention is seen to answer: a fault is planted, and its lint names it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

FUNCTIONS = Path(__file__).parents[2] / "db" / "functions"
HEADING = re.compile(r"^-- (\w+) finds (.+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Fault:
    """Statements that break a convention, and what its lint must name."""

    rule: str
    named: str
    statements: str


def read_faults() -> list[Fault]:
    text = (Path(__file__).parent / "faults.sql").read_text()
    _, *parts = HEADING.split(text)
    return [Fault(*parts[i : i + 3]) for i in range(0, len(parts), 3)]


def rules(connection: psycopg.Connection[Any]) -> set[str]:
    """The conventions this server can be asked about: builds without packages lack one."""
    return {name for (name,) in connection.execute("select rule_name from lint.rules").fetchall()}


@pytest.mark.parametrize("fault", read_faults(), ids=lambda fault: f"{fault.rule}: {fault.named}")
def test_a_planted_fault_is_found(pgtap_connection: psycopg.Connection[Any], fault: Fault) -> None:
    if fault.rule not in rules(pgtap_connection):
        assert fault.rule == "plpgsql_problems", "plpgsql_check alone may be missing"
        return
    pgtap_connection.execute(fault.statements.encode())
    findings = pgtap_connection.execute("select lint.findings(%s)", [fault.rule]).fetchall()
    assert any(fault.named in finding for (finding,) in findings), findings


def test_every_convention_has_a_fault_that_proves_it(
    pgtap_connection: psycopg.Connection[Any],
) -> None:
    assert rules(pgtap_connection) <= {fault.rule for fault in read_faults()}


def test_every_definer_says_why_on_the_same_line() -> None:
    silent = [
        f"{path.relative_to(FUNCTIONS)}:{number}"
        for path in sorted(FUNCTIONS.rglob("*.sql"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if line.startswith("security definer") and not re.match(r"security definer -- \w+", line)
    ]
    assert silent == []
