"""Replace functions and views by what the files say, and drop what no file says any more."""

from collections.abc import Iterable, Sequence

from psycopg import Connection
from psycopg.errors import DependentObjectsStillExist

from db.deployment.errors import DeployError
from db.deployment.loading import load
from db.deployment.objects import KnownObjects, Live, live_objects
from db.deployment.snapshot import Key, Snapshot
from db.deployment.tree import SqlFile

UNKNOWN_FILE = "functions/*"
"""Stands for the file of an object that a `do` block in one of the function files made."""

# Everybody who may do something with these objects, except their owners.
_GRANTED = """
with acls as (
    select 'routine' as kind, o.identity, p.proowner as owner,
        coalesce(p.proacl, acldefault('f', p.proowner)) as acl
    from unnest(%(functions)s::text[]) as o (identity)
    inner join pg_proc as p on to_regprocedure(o.identity) = p.oid
    union all
    select 'table', o.identity, c.relowner, c.relacl
    from unnest(%(views)s::text[]) as o (identity)
    inner join pg_class as c on to_regclass(o.identity) = c.oid
    union all
    select 'table', o.identity, c.relowner, a.attacl
    from unnest(%(views)s::text[]) as o (identity)
    inner join pg_class as c on to_regclass(o.identity) = c.oid
    inner join pg_attribute as a on c.oid = a.attrelid
)
select format(
    'revoke all on %%s %%s from %%s cascade', a.kind, a.identity,
    string_agg(distinct coalesce(quote_ident(r.rolname), 'public'), ', ')
)
from acls as a
cross join lateral aclexplode(a.acl) as x
left join pg_roles as r on x.grantee = r.oid
where x.grantee <> a.owner
group by a.kind, a.identity
"""


def unchanged_views(
    files: Sequence[SqlFile],
    digests: dict[str, str],
    known: KnownObjects,
    last: Snapshot,
    now: Snapshot,
) -> set[str]:
    """Paths of view files that need not be loaded: the file and all it made are as last time.

    Replacing a view locks out its readers for a moment, so it is not done for nothing.
    """
    same = set()
    for file in files:
        made = [key for key, path in known.files.items() if path == file.path]
        if (
            digests.get(file.path) == file.sha256
            and made
            and all(key[0] == "view" and last.get(key) == now.get(key) for key in made)
            and all(key in now for key in made)
        ):
            same.add(file.path)
    return same


def replace_code(
    conn: Connection, files: Sequence[SqlFile], untouched: set[str], known: KnownObjects
) -> tuple[list[Key], list[Key]]:
    """Load all files but the untouched ones.

    Return the objects that no file declares any more, and those that a file replaced although no
    deploy had made them.

    `create or replace` always writes a new row to the catalog. What has the same row as before was
    therefore not declared. Grants are taken back first, so that the files' own are all there are.
    """
    ours = known.of_files("functions")
    kept = {key for key, file in ours.items() if file in untouched}
    take_back_grants(conn, ours.keys() - kept)
    before = live_objects(conn)
    loaded = [file for file in files if file.path not in untouched]
    load(conn, loaded)
    after = live_objects(conn)
    already_known = set(known.files)
    declared = kept | _declare(loaded, before, after, known)
    there_before = {one.key for one in before.values()}
    stale = [key for key in ours if key not in declared]
    return stale, sorted((declared & there_before) - already_known)


def take_back_grants(conn: Connection, keys: Iterable[Key]) -> None:
    """Leave functions and views to their owners alone."""
    identities = {"function": [], "view": []}  # type: dict[str, list[str]]
    for kind, identity in keys:
        identities[kind].append(identity)
    granted = conn.execute(
        _GRANTED, {"functions": identities["function"], "views": identities["view"]}
    )
    statements = ";\n".join(statement for (statement,) in granted.fetchall())
    if statements:
        conn.execute(statements.encode())


def _declare(files: Sequence[SqlFile], before: Live, after: Live, known: KnownObjects) -> set[Key]:
    """Note which file each new or replaced object comes from.

    A file that only grants something on an object changes its row too, but does not declare it.
    """
    declaring = {name: file.path for file in files for name in file.declared_names}
    declared = set()
    for place, now in after.items():
        was = before.get(place)
        if now.kind not in ("function", "view") or was == now:
            continue
        file = declaring.get(now.name)
        if file or not was:
            known.declare(now.key, file or UNKNOWN_FILE)
            declared.add(now.key)
    return declared


def sweep(conn: Connection, stale: Sequence[Key], known: KnownObjects) -> list[Key]:
    """Drop these objects, newest first, without cascade; return those that were still there.

    What one of them uses may be newer than itself, so go on as long as something can be dropped.
    """
    oids = {one.key: one.oid for one in live_objects(conn).values()}
    left = sorted((key for key in stale if key in oids), key=lambda key: -oids[key])
    dropped = list(left)
    while left:
        refusals = [(key, refusal) for key in left if (refusal := _drop(conn, key)) is not None]
        if len(refusals) == len(left):
            raise DeployError("\n".join(_explain(key, known, error) for key, error in refusals))
        left = [key for key, _ in refusals]
    known.forget(stale)
    return dropped


def _drop(conn: Connection, key: Key) -> DependentObjectsStillExist | None:
    kind, identity = key
    try:
        with conn.transaction():
            drop = f"drop {'routine' if kind == 'function' else kind} {identity}"
            conn.execute(drop.encode())
    except DependentObjectsStillExist as error:
        return error
    return None


def _explain(key: Key, known: KnownObjects, error: DependentObjectsStillExist) -> str:
    users = (error.diag.message_detail or "").replace("\n", "\n    ")
    return (
        f"{known.files[key]}: no file declares {key[0]} {key[1]} any more, but it is still in use"
        f" ({error.diag.sqlstate})\n    {users}\n"
        "  Change what uses it in the same deploy, or put the file back."
    )
