"""A hosted project: made once, deployed once, and copies of it as it was before."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from dev.stack import embedded, paths
from tests.supabase.hosted import State, hosted_project, platform
from tests.support.server import Database

New = Callable[[], Database]
NEWEST = 17


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
