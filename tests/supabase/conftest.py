"""A hosted project, made once, deployed once, and copied as it was before; and TypeScript."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from dev.stack import embedded, paths
from tests.supabase.cli import packages
from tests.supabase.hosted import State, hosted_project, platform
from tests.support.server import Database

New = Callable[[], Database]
Compile = Callable[..., subprocess.CompletedProcess[str]]

CLIENTS = paths.ROOT / "clients"
STRICT = {
    "compilerOptions": {
        "strict": True,
        "noUncheckedIndexedAccess": True,
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "skipLibCheck": True,
        "noEmit": True,
        "types": [],
    },
    "include": ["*.ts"],
}

NEWEST = 17
on_one_server = pytest.mark.parametrize("project", [None], indirect=True, ids=["here"])
"""For tests of what no server has a say in."""


@dataclass(frozen=True)
class Deployed:
    """The project after `make deploy`, what that said, and the platform before it."""

    database: Database
    said: str
    platform_before: State


def make(target: str, database: Database) -> subprocess.CompletedProcess[str]:
    """Run `make` as somebody does who deploys to a project."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        ["make", target],
        cwd=paths.ROOT,
        env=kept | database.environment() | {"DATABASE_URL": database.owner_url},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="session", params=[None, NEWEST], ids=["here", f"Postgres {NEWEST}"])
def project(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A project nobody has deployed to, on this machine's server and on what new ones run."""
    with hosted_project(embedded.binaries_of(NEWEST) if request.param else None) as database:
        yield database


@pytest.fixture(scope="session")
def new_project(project: Database) -> New:
    """Make another project that nobody has deployed to."""
    untouched = project.server.clone(project, "untouched")
    return lambda: project.server.clone(untouched, "project")


@pytest.fixture(scope="session")
def deployed(project: Database, new_project: New) -> Deployed:
    """The project, deployed; whoever wants a new one has his copy already."""
    before = platform(project)
    done = make("deploy", project)
    assert done.returncode == 0, done.stdout + done.stderr
    return Deployed(project, done.stdout, before)


@pytest.fixture(scope="session")
def compile_program(
    tmp_path_factory: pytest.TempPathFactory,
) -> Compile:
    """Let TypeScript look at files, which find supabase-js."""
    tools = packages()

    def compile_files(**files: str) -> subprocess.CompletedProcess[str]:
        folder = tmp_path_factory.mktemp("typescript")
        (folder / "node_modules").symlink_to(tools / "node_modules")
        (folder / "tsconfig.json").write_text(json.dumps(STRICT))
        (folder / "database.types.ts").write_text((CLIENTS / "database.types.ts").read_text())
        for name, text in files.items():
            (folder / f"{name}.ts").write_text(text)
        return subprocess.run(
            [str(tools / "node_modules" / ".bin" / "tsc")],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return compile_files
