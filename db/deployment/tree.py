"""The folder to deploy, read and checked before anything is sent.

migrations/NNNNNNNNNNNNNN_what.sql    state, run once
functions/<folder>/<object>.sql       code, loaded on every deploy
policies/<table>.sql                  what hangs on a table, loaded when it changed
policies/<schema>.<table>.sql         our policies on a table that is somebody else's
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from heapq import heapify, heappop, heappush
from pathlib import Path

from db.deployment.errors import DeployError
from db.deployment.statements import Statement, line_at, split

FUNCTION_FOLDERS = ("private", "views", "public", "ops", "jobs")
"""In the order they are loaded: each may use those before it."""

_MIGRATION_NAME = re.compile(r"(\d{14})_([a-z0-9_]+)\.sql")
_OBJECT_NAME = re.compile(r"[a-z_][a-z0-9_]*\.sql")
_POLICIES_NAME = re.compile(r"([a-z_][a-z0-9_]*\.)?[a-z_][a-z0-9_]*\.sql")
_DEPENDS = re.compile(r"^--\s*depends:(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class SqlFile:
    """One file; `path` is relative to the folder that is deployed, with forward slashes."""

    path: str
    text: str

    @property
    def name(self) -> str:
        """The file's name without `.sql`."""
        return self.path.rpartition("/")[2].removesuffix(".sql")

    @property
    def folder(self) -> str:
        """The folder the file lies in, such as `functions/public`."""
        return self.path.rpartition("/")[0]

    @cached_property
    def sha256(self) -> str:
        """Digest of the content, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()

    @cached_property
    def statements(self) -> list[Statement]:
        """Where its statements are."""
        return split(self.text)

    @property
    def declared_names(self) -> set[str]:
        """`schema.name` of every function, procedure and view that the file creates."""
        return {name for one in self.statements if (name := one.declared_name)}

    def at(self, offset: int) -> str:
        """`path:line` of a place in the file."""
        return f"{self.path}:{line_at(self.text, offset)}"


@dataclass(frozen=True)
class Migration(SqlFile):
    """A migration: a file with a number."""

    @property
    def version(self) -> str:
        """Its 14 digits."""
        return self.name.partition("_")[0]

    @property
    def title(self) -> str:
        """What follows the digits."""
        return self.name.partition("_")[2]


@dataclass(frozen=True)
class Tree:
    """All files of a folder, each kind in the order in which it is to be loaded."""

    migrations: list[Migration]
    functions: list[SqlFile]
    policies: list[SqlFile]

    @property
    def repeatable(self) -> list[SqlFile]:
        """The files that may be loaded again."""
        return [*self.functions, *self.policies]


def read_tree(root: Path) -> Tree:
    """Read the folder; DeployError names the file that does not belong there."""
    if not (root / "migrations").is_dir():
        raise DeployError(f"{root} has no folder migrations: it is nothing to deploy")
    tree = Tree(
        migrations=_read_migrations(root),
        functions=_in_order(
            file
            for folder in FUNCTION_FOLDERS
            for file in _read_objects(root, f"functions/{folder}")
        ),
        policies=_read_objects(root, "policies", _POLICIES_NAME),
    )
    _refuse_unknown_folders(root)
    for file in (*tree.migrations, *tree.repeatable):
        _refuse_transaction_control(file)
    for file in tree.functions:
        _refuse_unqualified_names(file)
    return tree


def _read_migrations(root: Path) -> list[Migration]:
    migrations: list[Migration] = []
    for path in _sql_files(root, "migrations"):
        if not _MIGRATION_NAME.fullmatch(path.name):
            raise DeployError(
                f"migrations/{path.name}: bad name; a migration is called"
                " NNNNNNNNNNNNNN_what.sql, 14 digits and then a-z, 0-9 and _"
            )
        migration = Migration(f"migrations/{path.name}", _read(path))
        if migrations and migrations[-1].version == migration.version:
            raise DeployError(
                f"{migration.path}: has the same number as {migrations[-1].path}; give it another"
            )
        migrations.append(migration)
    return migrations


def _read_objects(root: Path, folder: str, names: re.Pattern[str] = _OBJECT_NAME) -> list[SqlFile]:
    files = []
    for path in _sql_files(root, folder):
        if not names.fullmatch(path.name):
            raise DeployError(f"{folder}/{path.name}: bad name; use a-z, 0-9 and _ only")
        files.append(SqlFile(f"{folder}/{path.name}", _read(path)))
    return files


def _sql_files(root: Path, folder: str) -> list[Path]:
    """The SQL files in a folder, by name; anything else there would be left out silently."""
    here = root / folder
    paths = sorted(here.iterdir()) if here.is_dir() else []
    for path in paths:
        if path.is_dir() or (path.suffix != ".sql" and not path.name.startswith((".", "README"))):
            raise DeployError(f"{folder}/{path.name}: only .sql files belong here")
    return [path for path in paths if path.suffix == ".sql"]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise DeployError(f"{path}: is not UTF-8 ({error.reason})") from error


def _refuse_unknown_folders(root: Path) -> None:
    functions = root / "functions"
    for path in sorted(functions.iterdir()) if functions.is_dir() else []:
        if path.name not in FUNCTION_FOLDERS and not path.name.startswith((".", "README")):
            known = ", ".join(FUNCTION_FOLDERS)
            raise DeployError(f"functions/{path.name}: unknown folder; there are {known}")


def _refuse_transaction_control(file: SqlFile) -> None:
    """A commit inside a file would end the deploy's own transaction half-way."""
    for statement in file.statements:
        if statement.controls_transaction:
            raise DeployError(
                f"{file.at(statement.start)}: {' '.join(statement.head[:2])}: a file may not begin"
                " or end a transaction; the whole deploy is one"
            )


def _refuse_unqualified_names(file: SqlFile) -> None:
    """Without its schema the name depends on the search path, and the sweep cannot match it."""
    for statement in file.statements:
        name = statement.declared_name
        if name is not None and "." not in name:
            raise DeployError(f"{file.at(statement.start)}: {name}: write its schema before it")


def _in_order(files: Iterable[SqlFile]) -> list[SqlFile]:
    """Sort by folder and name, but each file after those its `-- depends:` header names."""
    by_path = {file.path: file for file in files}
    rank = {path: position for position, path in enumerate(by_path)}
    waiting = {path: _dependencies(file, by_path) for path, file in by_path.items()}
    ready = [rank[path] for path, needs in waiting.items() if not needs]
    heapify(ready)
    paths = list(by_path)
    ordered: list[SqlFile] = []
    while ready:
        done = paths[heappop(ready)]
        ordered.append(by_path[done])
        for path, needs in waiting.items():
            if done in needs:
                needs.remove(done)
                if not needs:
                    heappush(ready, rank[path])
    circle = sorted(path for path, needs in waiting.items() if needs)
    if circle:
        raise DeployError(f"{', '.join(circle)}: these depend on each other in a circle")
    return ordered


def _dependencies(file: SqlFile, files: dict[str, SqlFile]) -> set[str]:
    """The paths that a file's `-- depends: name, other/name` headers mean."""
    found = set()
    for header in _DEPENDS.finditer(file.text):
        for name in re.split(r"[\s,]+", header.group(1).strip()):
            candidates = [
                path
                for path in (f"{file.folder}/{name}.sql", f"functions/{name}.sql")
                if path in files
            ] or [path for path in files if path.endswith(f"/{name}.sql")]
            if not candidates:
                raise DeployError(f"{file.at(header.start())}: depends on {name}: no such file")
            found.add(candidates[0])
    return found - {file.path}
