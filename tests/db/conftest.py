"""The pgTAP files' own database, and a session of its own for each of them."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.server import Database


@pytest.fixture(scope="session")
def pgtap_database(clone_database: Callable[[], Database]) -> Database:
    """A clone with pgTAP, the people of the tests and the lints; nobody commits in it."""
    database = clone_database()
    pgtap.prepare(database.admin_url)
    return database


@pytest.fixture
def pgtap_connection(pgtap_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A new session, taken back at the end; a database that is not there is an error.

    Nothing that one file sets in its session reaches the next. And plpgsql_check 2.3 fails on
    functions that its own session has run before.
    """
    with pgtap.connect(pgtap_database.admin_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def _pgtap_runner(pgtap_connection: psycopg.Connection[Any]) -> pgtap.TextRunner:
    return pgtap.TextRunner(pgtap_connection)
