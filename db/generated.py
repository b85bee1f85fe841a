"""The command line of the files that are generated from the database and checked against it."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

import psycopg

from db.deployment.apply import connect
from db.deployment.errors import DeployError
from db.deployment.ledger import exists
from db.deployment.loading import use_plain_search_path

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class GeneratedFile:
    """A file whose text `render` makes from a connection of the owner."""

    name: str
    module: str
    target: str
    about: str
    render: Callable[[psycopg.Connection[Any]], str]
    folder: Path = FOLDER

    @property
    def path(self) -> str:
        """The file, as seen from the checkout."""
        return f"{self.folder.name}/{self.name}"

    def describe(self, url: str) -> str:
        """The file's text for this database. Raises DeployError when nothing is deployed."""
        with connect(url) as conn, conn.transaction(force_rollback=True):
            if not exists(conn):
                raise DeployError("nothing was ever deployed to this database")
            use_plain_search_path(conn)
            return self.render(conn)

    def main(self, arguments: Sequence[str] | None = None) -> int:
        """Print the file, or with --check compare it; the result is the exit code."""
        parser = argparse.ArgumentParser(
            prog=f"python -m {self.module}",
            description=self.about,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        parser.add_argument("url", nargs="?", default=os.environ.get("DATABASE_URL"))
        parser.add_argument("--check", action="store_true", help=f"compare with {self.path}")
        options = parser.parse_args(arguments)
        try:
            if not options.url:
                raise DeployError("no database: give a URL or set DATABASE_URL")
            text = self.describe(options.url)
        except (DeployError, psycopg.Error) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
        if not options.check:
            sys.stdout.write(text)
            return 0
        return self._compare(text)

    def _compare(self, text: str) -> int:
        file = self.folder / self.name
        committed = file.read_text(encoding="utf-8") if file.exists() else ""
        diff = list(
            unified_diff(
                committed.splitlines(),
                text.splitlines(),
                self.path,
                "database",
                n=0 if self.name.endswith(".tsv") else 3,
                lineterm="",
            )
        )
        if diff:
            print("\n".join(diff))
            print(f'{self.path} is stale: write it again with "make {self.target}"')
            return 1
        print(f"{self.path} is up to date")
        return 0
