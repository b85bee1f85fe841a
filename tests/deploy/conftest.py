"""A database for each test, and the small folder of `folders.py` to deploy to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.deploy import main
from tests.deploy.folders import Folder, write_files
from tests.support.server import Database, PostgresServer

PASSED_ON = (
    "DATABASE_URL",
    "API_DATABASE_URL_ANON",
    "API_DATABASE_URL_USER",
    "API_DATABASE_URL_MEDIA",
    "IMAGEKIT_URL_ENDPOINT",
    "ADDRESS_HEADER",
)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deploy what the test says, not what the person running it has set."""
    for variable in PASSED_ON:
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def bare(cluster: PostgresServer) -> Iterator[Database]:
    """A database that looks like a new Supabase project."""
    database = cluster.bare()
    yield database
    cluster.drop(database)


@pytest.fixture
def folder(bare: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    """The small folder, not deployed yet."""
    write_files(tmp_path)
    return Folder(tmp_path, bare.owner_url, capsys)


@pytest.fixture(scope="session")
def small_template(cluster: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Database:
    """A database with the small folder deployed, to be copied."""
    root = tmp_path_factory.mktemp("small")
    write_files(root)
    database = cluster.bare("small")
    assert main(["--folder", str(root), database.owner_url]) == 0
    return database


@pytest.fixture
def deployed(
    cluster: PostgresServer,
    small_template: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Folder]:
    """The small folder, deployed."""
    write_files(tmp_path)
    database = cluster.clone(small_template)
    yield Folder(tmp_path, database.owner_url, capsys)
    cluster.drop(database)


@pytest.fixture(scope="module")
def shared_database(cluster: PostgresServer, small_template: Database) -> Iterator[Database]:
    """One copy for tests that leave it as they found it."""
    database = cluster.clone(small_template)
    yield database
    cluster.drop(database)


@pytest.fixture
def shared(shared_database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Folder:
    """The small folder, deployed; whatever a test does to the database must be undone in it."""
    write_files(tmp_path)
    return Folder(tmp_path, shared_database.owner_url, capsys)
