"""Print db/catalog.md: the database, described by its own comments.

    python -m db.catalog [URL]           prints it
    python -m db.catalog --check [URL]   compares it with db/catalog.md, exits with 1 when stale

URL defaults to $DATABASE_URL and must log in as the owner. Nothing is changed.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import unified_diff
from pathlib import Path

import psycopg

from db.cataloging.markdown import render
from db.cataloging.queries import read_catalog
from db.deployment.apply import connect
from db.deployment.errors import DeployError
from db.deployment.ledger import exists
from db.deployment.loading import use_plain_search_path

FILE = Path(__file__).parent / "catalog.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; the result is the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m db.catalog",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", nargs="?", default=os.environ.get("DATABASE_URL"))
    parser.add_argument("--check", action="store_true", help="compare with db/catalog.md")
    options = parser.parse_args(arguments)
    try:
        if not options.url:
            raise DeployError("no database: give a URL or set DATABASE_URL")
        text = describe(options.url)
    except (DeployError, psycopg.Error) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    if not options.check:
        sys.stdout.write(text)
        return 0
    return _compare(text)


def describe(url: str) -> str:
    """The catalog of this database, in Markdown."""
    with connect(url) as conn, conn.transaction(force_rollback=True):
        if not exists(conn):
            raise DeployError("nothing was ever deployed to this database")
        use_plain_search_path(conn)
        return render(read_catalog(conn))


def _compare(text: str) -> int:
    committed = FILE.read_text(encoding="utf-8") if FILE.exists() else ""
    diff = list(
        unified_diff(
            committed.splitlines(), text.splitlines(), "db/catalog.md", "database", lineterm=""
        )
    )
    if diff:
        print("\n".join(diff))
        print('db/catalog.md is stale: write it again with "make catalog"')
        return 1
    print("db/catalog.md is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
