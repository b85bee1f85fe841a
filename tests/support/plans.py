"""How Postgres runs the statement inside a function: auto_explain's plan, as the caller gets it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.support.server import Database

Session = psycopg.Connection[Any]

# Every statement, also those inside functions, with what it really read.
_EXPLAIN = """
load 'auto_explain';
set auto_explain.log_min_duration = 0;
set auto_explain.log_nested_statements = on;
set auto_explain.log_analyze = on;
set auto_explain.log_timing = off;
set auto_explain.log_buffers = on;
set auto_explain.log_format = json;
set client_min_messages = log;
"""
# A few rows are sorted or hashed for nothing; these take a whole table first.
_READS_ALL = {
    "Seq Scan",
    "Bitmap Heap Scan",
    "Sort",
    "Incremental Sort",
    "Hash",
    "Hash Join",
    "Merge Join",
    "Materialize",
}
_ONCE_A_STATEMENT = ("viewer_id(", "oldest_visible_", "blocked_user_ids(", "retention(")


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement as it was run."""

    root: dict[str, Any]

    @property
    def pages(self) -> int:
        """Pages of tables and indexes it looked at, those of nested functions included."""
        return int(self.root["Shared Hit Blocks"]) + int(self.root["Shared Read Blocks"])

    def executed(self) -> Iterator[dict[str, Any]]:
        """Every node that ran."""
        left = [self.root]
        while left:
            node = left.pop()
            left += node.get("Plans", ())
            if node["Actual Loops"]:
                yield node

    def faults(self, literals: Sequence[str]) -> list[str]:
        """What makes a page dearer the more rows there are; `literals` are the values given.

        A value in a condition says that the plan was made for it, and is made anew each time.
        """
        found: list[str] = []
        for node in self.executed():
            where = f"{node['Node Type']} on {node.get('Index Name', node.get('Relation Name'))}"
            conditions = " ".join(str(value) for key, value in node.items() if "Cond" in key)
            filters = str(node.get("Filter", ""))
            if node["Node Type"] in _READS_ALL:
                found.append(where)
            if node.get("Rows Removed by Filter", 0) > 1:
                found.append(f"{where} throws rows away: {filters}")
            for text in (conditions, filters):
                found += [f"{where} knows {one}: {text}" for one in literals if one in text]
                found += [f"{where} calls {one}...)" for one in _ONCE_A_STATEMENT if one in text]
        return found


@contextmanager
def explaining(database: Database, role: str, user_id: str | None) -> Iterator[Session]:
    """Open a session that speaks as `role` and is told the plans of what it runs."""
    with psycopg.connect(database.admin_url, autocommit=True) as session:
        session.execute(_EXPLAIN)
        claims = json.dumps({"role": role} | ({"sub": user_id} if user_id else {}))
        session.execute("select set_config('request.jwt.claims', %s, false)", [claims])
        session.execute(f"set role {role}".encode())
        yield session


def plan_of(session: Session, call: str, reading: str, *, warm: bool = True) -> Plan:
    """Run a call and return the plan of its statement on `reading`; caches are `warm` before."""
    if warm:
        session.execute(call.encode())
    said: list[str] = []

    def listen(diagnostic: psycopg.errors.Diagnostic) -> None:
        said.append(diagnostic.message_primary or "")

    session.add_notice_handler(listen)
    rows = len(session.execute(call.encode()).fetchall())
    session.remove_notice_handler(listen)
    assert rows > 0, f"nothing to read: {call}"
    explained = [json.loads(text[text.index("{") :]) for text in said if " plan:\n" in text]
    (plan,) = [one["Plan"] for one in explained if reading in one["Query Text"]]
    return Plan(plan)
