"""The pgTAP files' own database: what other tests commit is not seen there."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.server import Database


@pytest.fixture(scope="session")
def pgtap_database(clone_database: Callable[[], Database]) -> Database:
    """A clone with pgTAP, the people of the tests and the lints in it."""
    database = clone_database()
    pgtap.prepare(database.admin_url)
    return database


@pytest.fixture(scope="session")
def pgtap_connection(pgtap_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The connection all files share; a database that is not there is an error."""
    with pgtap.connect(pgtap_database.admin_url) as connection:
        yield connection


@pytest.fixture(scope="session")
def _pgtap_runner(pgtap_connection: psycopg.Connection[Any]) -> pgtap.TextRunner:
    return pgtap.TextRunner(pgtap_connection)


@pytest.fixture(autouse=True)
def leave_nothing_behind(pgtap_connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Take every test back, with whatever it set in the session."""
    yield
    pgtap_connection.rollback()
    pgtap_connection.autocommit = True
    pgtap_connection.execute("discard all")
    pgtap_connection.autocommit = False
