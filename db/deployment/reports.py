"""What `verify` and `status` tell."""

from collections import Counter

from psycopg import Connection

from db.deployment import ledger, migrate, snapshot
from db.deployment.apply import connect
from db.deployment.console import count, say
from db.deployment.errors import DeployError
from db.deployment.loading import use_plain_search_path
from db.deployment.tree import Tree

_LAST_DEPLOY = """
select to_char(deployed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'), deployed_by, git_commit
from deploy.deploys order by id desc limit 1
"""
_WAIT = "set local lock_timeout = '5s'"


def verify(url: str) -> int:
    """Print a line for each object that is not as the last deploy left it; 1 when there is one."""
    with connect(url) as conn, conn.transaction(force_rollback=True):
        _prepare(conn)
        comparable = ledger.took_snapshot_like(conn, snapshot.FORMAT)
        found = snapshot.differences(snapshot.stored(conn), snapshot.take(conn))
        known = len(snapshot.stored(conn))
    for one in found:
        say(one.title)
        if one.before and one.after:
            for line in one.diff[3:]:  # without the two names and the place
                say(f"    {line}")
    if found and not comparable:
        say("Another version of the server or of this program took the last snapshot, and may have")
        say("written definitions otherwise: deploy once more before you look further.")
    if found:
        say(f"{count(len(found), 'difference')} to the last deploy")
        return 1
    say(f"{count(known, 'object')}, all as the last deploy left them")
    return 0


def status(url: str, tree: Tree) -> int:
    """Print what is deployed and what is not yet."""
    with connect(url) as conn, conn.transaction(force_rollback=True):
        _prepare(conn)
        last = conn.execute(_LAST_DEPLOY).fetchone() or ("never", "nobody", None)
        say(f"last deploy: {last[0]} UTC by {last[1]}, commit {last[2] or 'not known'}")
        _tell_migrations(conn, tree)
        _tell_files(conn, tree)
        kinds = Counter(kind for kind, _ in snapshot.stored(conn))
    parts = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    say(f"objects: {kinds.total()} ({parts})")
    return 0


def _prepare(conn: Connection) -> None:
    conn.execute(_WAIT)
    use_plain_search_path(conn)
    if not ledger.exists(conn):
        raise DeployError("nothing was ever deployed to this database")


def _tell_migrations(conn: Connection, tree: Tree) -> None:
    applied = ledger.migrations(conn)
    pending = [one for one in tree.migrations if one.version not in applied]
    say(f"migrations: {len(applied)} applied, {len(pending)} pending")
    for one in pending:
        say(f"    pending {one.path}")
    try:
        migrate.plan(tree.migrations, applied, set())
    except DeployError as error:
        say(f"    {error}")


def _tell_files(conn: Connection, tree: Tree) -> None:
    digests = ledger.file_digests(conn)
    present = {file.path: file.sha256 for file in tree.repeatable}
    changed = [
        f"{'new' if path not in digests else 'changed'} {path}"
        for path, digest in present.items()
        if digests.get(path) != digest
    ] + [f"removed {path}" for path in sorted(digests.keys() - present.keys())]
    say(f"files: {len(present)}, {len(changed)} not deployed as they are now")
    for line in changed:
        say(f"    {line}")
