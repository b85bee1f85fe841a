"""What may turn red when a rule is taken away: the rules' own tests, asked one after another."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from db import permissions
from tests.behaviour.__main__ import FILE as BEHAVIOUR
from tests.behaviour.probe import probe
from tests.mutation.mutants import Mutant
from tests.support.pgtap import TextRunner, connect

CONVENTIONS = "test_conventions.sql"
FILES = Path(__file__).parents[1] / "db"
_BORDER = re.compile(r"^(?:begin|rollback);$", re.MULTILINE)


@dataclass
class Judges:
    """The tests that a database has to pass, the likeliest to notice a mutant first."""

    admin_url: str
    files: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in sorted(FILES.glob("test_*.sql")):
            # Each runs inside a transaction of ours, behind the mutant.
            self.files[path.name] = _BORDER.sub("", path.read_text())

    def verdict(self, mutant: Mutant) -> str | None:
        """The test that notices a mutant, or None when none does."""
        if self._changes_rights(mutant.statement):
            return "permissions.tsv"
        for name in self._likeliest_first(mutant):
            if self._is_red(name, mutant.statement):
                return name
        return BEHAVIOUR.name if self._changes_behaviour(mutant.statement) else None

    def red_without_a_mutant(self) -> list[str]:
        """The tests that fail on the database as it is; none may."""
        red = [name for name in self.files if self._is_red(name, "select 1")]
        return [*red, BEHAVIOUR.name] if self._changes_behaviour("select 1") else red

    def _changes_rights(self, statement: str) -> bool:
        if not statement.startswith(("grant ", "revoke ")):
            return False
        with psycopg.connect(self.admin_url) as connection:
            connection.execute(statement.encode())
            rights = permissions.PERMISSIONS.render(connection)
            connection.rollback()
        return rights != (Path(permissions.__file__).parent / "permissions.tsv").read_text()

    def _changes_behaviour(self, statement: str) -> bool:
        with psycopg.connect(self.admin_url) as connection:
            connection.execute(statement.encode())
            try:
                found = probe(connection)
            except psycopg.Error:
                return True
            finally:
                connection.rollback()
        return found != BEHAVIOUR.read_text()

    def _likeliest_first(self, mutant: Mutant) -> Iterator[str]:
        words = {word for word in re.split(r"\W+", mutant.about) if len(word) > 3}
        words -= {"public", "private", "uuid", "text"}
        scores = {
            name: sum(text.count(word) for word in words) for name, text in self.files.items()
        }
        # The conventions take longest, and know best what a missing clause looks like.
        scores[CONVENTIONS] = 1000 if mutant.is_about_a_clause else -1
        yield from sorted(scores, key=lambda name: (-scores[name], len(self.files[name])))

    def _is_red(self, name: str, statement: str) -> bool:
        with connect(self.admin_url) as connection:
            # A mutant that cannot be made is a fault of ours, and ends the run.
            connection.execute(statement.encode())
            try:
                lines = TextRunner(connection).run(self.files[name].encode())
            except psycopg.Error:
                return True
            finally:
                connection.rollback()
        return any(line.startswith(("not ok", "# Looks like")) for line in lines)
