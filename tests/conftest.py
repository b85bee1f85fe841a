"""The servers every test may ask for: real Postgres, the ImageKit stand-in, the API over HTTP."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
import pytest

from dev.stack import paths
from dev.stack.tokens import user_token
from tests.api.serving import environment, served
from tests.imagekit.running import RunningStandIn, running_standin
from tests.support.coverage import (
    collect,
    pytest_addoption,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
)
from tests.support.server import Database, PostgresServer, fast_folder, running_server

# Hooks count where pytest finds them: in a conftest.
__all__ = [
    "pytest_addoption",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
]


@dataclass(frozen=True, slots=True)
class RunningApi:
    """An API that answers, and what is needed to sign somebody in to it."""

    url: str
    jwt_secret: str

    def token(self, user: str, **claims: Any) -> str:
        """Return the access token of a user; a claim given as None is left out."""
        return user_token(user, self.jwt_secret, **claims)


@pytest.fixture(scope="session")
def cluster() -> Iterator[PostgresServer]:
    """A server of this run's own, gone at the end. Each database is counted before it goes."""
    with running_server(fast_folder(paths.local_folder("test-pg"))) as server:
        server.watch_drops(lambda database: collect(database.admin_url))
        yield server


@pytest.fixture(scope="session")
def imagekit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandIn]:
    """The ImageKit stand-in, as a process of its own."""
    with running_standin(tmp_path_factory.mktemp("imagekit-of-the-api")) as standin:
        yield standin


@pytest.fixture(scope="session")
def deploy_environment(imagekit: RunningStandIn) -> dict[str, str]:
    """What the deploy writes into the settings, which the API has too."""
    return {"IMAGEKIT_URL_ENDPOINT": imagekit.url_endpoint}


@pytest.fixture(scope="session")
def template_database(cluster: PostgresServer, deploy_environment: dict[str, str]) -> Database:
    """This checkout, deployed. Nobody may connect: it is there to be copied."""
    return cluster.deployed("template", deploy_environment, os.environ.get("MUTANT"))


@pytest.fixture(scope="session")
def clone_database(cluster: PostgresServer, template_database: Database) -> Callable[[], Database]:
    """Make a copy of the deployed database for a test that commits."""
    return lambda: cluster.clone(template_database)


@pytest.fixture(scope="session")
def database(clone_database: Callable[[], Database]) -> Database:
    """The database behind the `api` fixture."""
    return clone_database()


@pytest.fixture(scope="session")
def api(database: Database, imagekit: RunningStandIn) -> Iterator[RunningApi]:
    """The API, served from this process on a port of its own."""
    jwt_secret = secrets.token_urlsafe(32)
    with served(environment(database, imagekit, jwt_secret)) as url:
        yield RunningApi(url, jwt_secret)


@pytest.fixture(scope="session")
def http(api: RunningApi) -> Iterator[httpx.Client]:
    """An HTTP client that stands before the API."""
    with httpx.Client(base_url=api.url, timeout=30) as client:
        yield client


@pytest.fixture
def admin(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The database's owner, outside any transaction."""
    with psycopg.connect(database.owner_url, autocommit=True) as connection:
        yield connection
