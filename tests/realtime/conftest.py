"""Topics of the tests' own, and clients that may join them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest

from dev.stack.tokens import project_key
from tests.realtime.client import Client, connected

# Who may listen to test:<name> is a row here; anybody to test:open.
POLICIES = """
create table public.test_listeners (name text, user_id text);
grant select on public.test_listeners to anon, authenticated;
create policy listen_in_tests on realtime.messages for select to anon, authenticated using (
    extension = 'broadcast' and private
    and (
        (select realtime.topic()) = 'test:open'
        or exists (
            select from public.test_listeners as l
            where
                (select realtime.topic()) = 'test:' || l.name
                and l.user_id = (select auth.jwt() ->> 'sub')
        )
        or ((select realtime.topic()) like 'number:%' and split_part(topic, ':', 2)::int > 0)
    )
);
"""

Open = Callable[..., Client]
Send = Callable[..., None]


@pytest.fixture(scope="session")
def topics(database: Any) -> None:
    """Policies for the tests' own topics."""
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        owner.execute(POLICIES)


@pytest.fixture(scope="session")
def anon_key(api: Any) -> str:
    """The project's key for apps."""
    return project_key("anon", api.jwt_secret)


@pytest.fixture
def open_line(api: Any, anon_key: str, topics: None) -> Iterator[Open]:
    """Open lines that are closed at the end."""
    with ExitStack() as stack:

        def open_one(*, arrays: bool = True, apikey: str | None = None) -> Client:
            return stack.enter_context(connected(api.url, apikey or anon_key, arrays=arrays))

        yield open_one


@pytest.fixture
def send(admin: psycopg.Connection[Any]) -> Send:
    """Broadcast from the database."""

    def send_one(
        topic: str, payload: Any = None, *, event: str = "e", private: bool = True
    ) -> None:
        admin.execute(
            "select realtime.send(%s, %s, %s, %s)",
            (json.dumps({} if payload is None else payload), event, topic, private),
        )

    return send_one


@pytest.fixture
def may_listen(admin: psycopg.Connection[Any], topics: None) -> Callable[[str, str], None]:
    """Let somebody listen to test:<name>."""

    def let(user: str, name: str) -> None:
        admin.execute("insert into public.test_listeners values (%s, %s)", (name, user))

    return let
