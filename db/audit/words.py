"""Who may do what, in sentences: the matrix of db/permissions.tsv the way people ask for it."""

from collections.abc import Iterable

from db.permissions import ROLES, Rights

WHO = {
    "public": "PUBLIC, which is every role",
    "anon": "anon, who is not signed in",
    "authenticated": "authenticated, who is",
    "service_role": "service_role, who holds the service key and passes every policy",
    "media_worker": "media_worker, for what needs ImageKit's word",
    "api_anon": "api_anon, the API's login for anon",
    "api_user": "api_user, the API's login for authenticated",
    "api_media": "api_media, the API's login for media_worker",
}
_WRITES = ("insert", "update", "delete")
_OTHERS = ("truncate", "references", "trigger", "maintain", "create")


def sentences(rights: Rights) -> Iterable[str]:
    """A paragraph a role; daily leaves are one table, overloads one name each."""
    for role in ROLES:
        yield f"{WHO[role]}"
        lines = list(_of_role(rights, role))
        yield from lines or ["  nothing of its own"]


def _of_role(rights: Rights, role: str) -> Iterable[str]:
    def named(verb: str, *kinds: str) -> list[str]:
        return sorted(
            name
            for (kind, name), held_by in rights.items()
            if kind in kinds and verb in held_by[role]
        )

    whole = {verb: named(verb, "table", "view", "sequence") for verb in (*_WRITES, "select")}
    if whole["select"]:
        yield _line("reads", whole["select"])
    for verb in ("select", *_WRITES):
        columns = [
            name for name in named(verb, "column") if name.rpartition(".")[0] not in whole[verb]
        ]
        if verb != "select" and (whole[verb] or columns):
            yield _line(f"{verb}s", [*whole[verb], *columns])
        elif columns:
            yield _line("reads of", columns)
    for verb in _OTHERS:
        if objects := named(verb, "schema", "table", "view", "column"):
            yield _line(f"may {verb}", objects)
    if calls := named("execute", "function", "procedure"):
        yield _line("calls", calls)


def _line(what: str, objects: list[str]) -> str:
    return f"  {what}: {', '.join(objects)}"
