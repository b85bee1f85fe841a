"""The pgTAP files' own database, and a session of its own for each of them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.limits import widen
from tests.support.server import Database
from tests.support.sessions import PATIENCE, Connect, Connection


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


@pytest.fixture(scope="module")
def shared(clone_database: Callable[[], Database]) -> Database:
    """A database in which the tests of a module commit, as often as they like."""
    database = clone_database()
    widen(database.owner_url)
    pgtap.prepare(database.admin_url)
    return database


@pytest.fixture
def connect(shared: Database) -> Iterator[Connect]:
    """Open a session in a transaction, as the owner or as somebody who is signed in."""
    with ExitStack() as stack:

        def open_session(speaker: str | None = None) -> Connection:
            session = stack.enter_context(psycopg.connect(shared.admin_url))
            session.execute(PATIENCE)
            session.commit()
            if speaker is None:
                session.execute("select tests.as_owner()")
            else:
                session.execute("select tests.sign_in(%s)", [speaker])
            return session

        yield open_session
