"""One page for an administrator: what is wrong with a deployed database, and who may do what.

    python -m db.audit [URL]

Looks at the database as it is, whoever changed it: structure and rights against the rules and
against db/permissions.tsv, and versions against known advisories. Needs no network but the
database, and changes nothing. URL defaults to $DATABASE_URL and must log in as the owner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

import psycopg
from psycopg import Connection

from db.audit import advisories, lints, words
from db.deployment.apply import connect
from db.deployment.errors import DeployError
from db.deployment.ledger import exists
from db.deployment.loading import use_plain_search_path
from db.generated import FOLDER
from db.permissions import PERMISSIONS, render, rights


@dataclass(frozen=True)
class Audit:
    """What was found, by what was looked at; and who may do what."""

    findings: dict[str, list[str]]
    permissions: list[str]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to do."""
        return not any(self.findings.values())


def audit(url: str) -> Audit:
    """Look at the database of this URL. Raises DeployError when nothing is deployed there."""
    with connect(url) as conn:
        with conn.transaction(force_rollback=True):
            if not exists(conn):
                raise DeployError("nothing was ever deployed to this database")
            structure = list(lints.findings(conn))
        with conn.transaction(force_rollback=True):
            use_plain_search_path(conn)
            undecided = list(_undecided(render(conn)))
            permissions = list(words.sentences(rights(conn)))
        findings = {
            "Structure": structure,
            "Rights, against db/permissions.tsv": undecided,
            f"Versions, by advisories known on {advisories.CHECKED_ON}": list(_versions(conn)),
        }
    return Audit(findings, permissions)


def _undecided(text: str) -> Iterable[str]:
    committed = (FOLDER / PERMISSIONS.name).read_text(encoding="utf-8").splitlines()
    roles = committed[0].split("\t")[2:]
    for line in unified_diff(committed, text.splitlines(), n=0, lineterm=""):
        if line[:2] in {"--", "++", "@@"}:
            continue
        kind, name, *held = line[1:].split("\t")
        told = "; ".join(
            f"{role} {right}" for role, right in zip(roles, held, strict=True) if right != "-"
        )
        verb = "is" if line[0] == "+" else "should be"
        yield f"{kind} {name}: {verb} for {told or 'nobody'}"


def _versions(conn: Connection[Any]) -> Iterable[str]:
    yield from advisories.of_postgres(conn.info.server_version)
    yield from advisories.of_libpq(psycopg.pq.version())
    yield from advisories.of_packages(advisories.installed())
