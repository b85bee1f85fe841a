"""One database and one stand-in for all tests of the workers, emptied before each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.imagekit.running import running_standin
from tests.media.lab import Lab
from tests.support.server import Database


@pytest.fixture(scope="session")
def _lab(
    clone_database: Callable[[], Database], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    database = clone_database()
    with (
        running_standin(tmp_path_factory.mktemp("imagekit-of-the-workers")) as standin,
        psycopg.connect(database.owner_url, autocommit=True) as owner,
    ):
        owner.execute("select ops.set_setting('url_endpoint', %s)", (standin.url_endpoint,))
        yield Lab(database, standin, owner)


@pytest.fixture
def lab(_lab: Lab) -> Iterator[Lab]:
    """Everything empty."""
    _lab.empty()
    yield _lab
    for process in _lab.processes:
        if process.poll() is None:
            process.kill()
        process.communicate()
    _lab.processes.clear()
