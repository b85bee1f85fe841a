"""`python -m db.audit`: the page, and exit code 1 when anything on it needs somebody."""

import argparse
import os
import sys
from collections.abc import Sequence

import psycopg

import db.audit
from db.audit import Audit, audit
from db.deployment.errors import DeployError


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; the result is the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m db.audit",
        description=db.audit.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", nargs="?", default=os.environ.get("DATABASE_URL"))
    options = parser.parse_args(arguments)
    try:
        if not options.url:
            raise DeployError("no database: give a URL or set DATABASE_URL")
        found = audit(options.url)
    except (DeployError, psycopg.Error) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n".join(page(found)))
    return 0 if found.is_clean else 1


def page(found: Audit) -> Sequence[str]:
    """The lines of the page."""
    lines = []
    for title, findings in found.findings.items():
        lines += [f"{title}: {len(findings) or 'no'} finding{'s'[: len(findings) != 1]}"]
        lines += [f"  {finding}" for finding in findings]
    lines += ["", "Who may do what", *found.permissions]
    return lines


if __name__ == "__main__":
    sys.exit(main())
