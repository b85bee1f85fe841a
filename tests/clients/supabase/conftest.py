"""A project as an app sees it: the API with PostgREST behind it, and Supabase's two clients."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from dev.stack import paths
from dev.stack.tokens import project_key, user_token
from tests.api.serving import environment, served
from tests.support.npm import installed
from tests.support.postgrest import RunningPostgrest, running_postgrest
from tests.support.server import Database

HERE = Path(__file__).parent
SUPABASE_PY = "supabase==2.34.1"

Programs = dict[str, subprocess.Popen[str]]


@dataclass(frozen=True, slots=True)
class Project:
    """The addresses and keys an app is built with, and its database's owner."""

    url: str
    jwt_secret: str
    anon_key: str
    postgrest: RunningPostgrest
    database: Database
    owner: psycopg.Connection[Any]


@dataclass(frozen=True, slots=True)
class Said:
    """What a client library made of an answer. supabase-py does not tell the status."""

    data: Any
    error: dict[str, Any] | None
    count: int | None
    status: int | None

    @property
    def code(self) -> str | None:
        """The error's code, None when there is no error."""
        return None if self.error is None else self.error["code"]

    @property
    def message(self) -> str | None:
        """The error's message, None when there is no error."""
        return None if self.error is None else self.error["message"]


Link = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an app; `user_id` is None for who is not signed in."""

    user_id: str | None
    token: str | None
    program: subprocess.Popen[str]

    def call(self, *chain: Link) -> Said:
        """Call methods one after the other, as `client.from('x').select('*')` does."""
        assert self.program.stdin is not None
        assert self.program.stdout is not None
        self.program.stdin.write(json.dumps({"token": self.token, "chain": chain}) + "\n")
        self.program.stdin.flush()
        line = self.program.stdout.readline()
        assert line, "the client has ended"
        return Said(**json.loads(line))


@pytest.fixture(scope="session")
def project(
    clone_database: Callable[[], Database],
    imagekit: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Project]:
    database, secret = clone_database(), secrets.token_urlsafe(32)
    anon_key = project_key("anon", secret)
    log = tmp_path_factory.mktemp("postgrest") / "log"
    with (
        running_postgrest(database, log) as postgrest,
        served(
            environment(database, imagekit, secret, SUPABASE_ANON_KEY=anon_key)
            | postgrest.environment()
        ) as url,
        psycopg.connect(database.owner_url, autocommit=True) as owner,
    ):
        yield Project(url, secret, anon_key, postgrest, database, owner)


@pytest.fixture(scope="session")
def javascript_packages() -> Path:
    """supabase-js in the version that package.json names."""
    return installed(HERE / "package.json", "supabase-clients")


@pytest.fixture(scope="session")
def python_packages() -> Path:
    """A folder with supabase-py: it wants much that the project does not."""
    home = paths.local_folder("supabase-clients") / SUPABASE_PY
    if not (home / "supabase").exists():
        options = ["--quiet", "--disable-pip-version-check", "--target", str(home)]
        subprocess.run([sys.executable, "-m", "pip", "install", *options, SUPABASE_PY], check=True)
    return home


@contextmanager
def running(command: list[str], project: Project, **more: str) -> Iterator[subprocess.Popen[str]]:
    """Run one of the programs beside this file, which answers line by line."""
    process = subprocess.Popen(
        command,
        env={
            "PATH": os.environ["PATH"],
            "SUPABASE_URL": project.url,
            "SUPABASE_ANON_KEY": project.anon_key,
            **more,
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


@pytest.fixture(scope="session")
def programs(
    project: Project, javascript_packages: Path, python_packages: Path
) -> Iterator[Programs]:
    javascript = ["node", str(HERE / "calls.mjs")]
    python = [sys.executable, str(HERE / "calls.py")]
    with (
        running(javascript, project, CLIENTS=str(javascript_packages)) as supabase_js,
        running(python, project, PYTHONPATH=str(python_packages)) as supabase_py,
    ):
        yield {"supabase-js": supabase_js, "supabase-py": supabase_py}


@pytest.fixture(params=["supabase-js", "supabase-py"])
def program(request: pytest.FixtureRequest, programs: Programs) -> subprocess.Popen[str]:
    """Each test is one of both."""
    return programs[request.param]


def signed_in(name: str, project: Project, program: subprocess.Popen[str]) -> Person:
    """Return somebody nobody has seen before, with a profile."""
    user_id = f"{name}-{uuid.uuid4().hex[:8]}"
    project.owner.execute(
        "insert into public.user_profiles (user_id, username) values (%s, %s)",
        (user_id, user_id.replace("-", ".")),
    )
    return Person(user_id, user_token(user_id, project.jwt_secret), program)


@pytest.fixture
def ada(project: Project, program: subprocess.Popen[str]) -> Person:
    return signed_in("ada", project, program)


@pytest.fixture
def bob(project: Project, program: subprocess.Popen[str]) -> Person:
    return signed_in("bob", project, program)


@pytest.fixture
def nobody(program: subprocess.Popen[str]) -> Person:
    return Person(None, None, program)
