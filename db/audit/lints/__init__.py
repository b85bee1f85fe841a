"""What must hold of any database this was deployed to, asked of its catalogue."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from psycopg import Connection

FOLDER = Path(__file__).parent


def files() -> list[Path]:
    """The views that ask, in the order they are made."""
    return sorted(FOLDER.glob("*.sql"))


def findings(conn: Connection[Any]) -> Iterable[str]:
    """What breaks a rule, a line each. Makes the schema `lint`: for a transaction taken back."""
    for path in files():
        conn.execute(path.read_bytes())
    rules = conn.execute("select rule_name, sentence from lint.rules order by 1").fetchall()
    for name, sentence in rules:
        for (finding,) in conn.execute("select lint.findings(%s)", [name]).fetchall():
            yield f"{finding}\n    {sentence}"
