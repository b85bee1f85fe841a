"""A database with the people of the rules' tests, in which nothing is committed."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.support import pgtap
from tests.support.server import Database


@pytest.fixture(scope="module")
def peopled(clone_database: Callable[[], Database]) -> Database:
    database = clone_database()
    pgtap.prepare(database.admin_url)
    return database


@pytest.fixture
def connection(peopled: Database) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(peopled.admin_url) as connection:
        yield connection
        connection.rollback()
