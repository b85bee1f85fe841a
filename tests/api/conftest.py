"""People, videos and servers for the API's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.forging import Project
from tests.api.laboratory import Laboratory, opened
from tests.api.lines import Line, OpenLine
from tests.api.people import Person, person, stranger
from tests.api.serving import environment, served
from tests.support.auth_server import eddsa, es256, rs256, running_auth_server

MakeVideo = Callable[..., str]


@pytest.fixture
def ada(http: httpx.Client, api: Any) -> Person:
    return person(http, "ada", api.jwt_secret)


@pytest.fixture
def bob(http: httpx.Client, api: Any) -> Person:
    return person(http, "bob", api.jwt_secret)


@pytest.fixture
def carol(http: httpx.Client, api: Any) -> Person:
    return person(http, "carol", api.jwt_secret)


@pytest.fixture
def nobody(http: httpx.Client) -> Person:
    """Somebody who is not signed in."""
    return stranger(http)


@pytest.fixture
def make_video(admin: psycopg.Connection[Any]) -> MakeVideo:
    """Put a video there as the database's owner can, of any age."""
    return lambda owner, **facts: insert_video(admin, owner, **facts)


def insert_video(
    connection: psycopg.Connection[Any],
    owner: Person,
    *,
    age: str = "0",
    title: str | None = None,
    username: str | None = None,
) -> str:
    """Insert a video and return its id. `age` is an interval, in SQL."""
    with connection.transaction():
        connection.execute(
            "insert into public.user_profiles (user_id, username) values (%s, %s) "
            "on conflict (user_id) do update set username = excluded.username",
            (owner.user_id, username),
        )
        connection.execute(
            "select private.ensure_day(((now() - %s::interval) at time zone 'utc')::date)", (age,)
        )
        row = connection.execute(
            "insert into public.videos (id, user_id, title, video_url, created_at) "
            "select private.uuid_v7(at), %s, %s, 'https://cdn.example/' || at, at "
            "from (select now() - %s::interval as at) as t returning id",
            (owner.user_id, title, age),
        ).fetchone()
    assert row is not None
    return str(row[0])


def rank_anew(connection: psycopg.Connection[Any]) -> None:
    """Rank what trends now, as the job does each minute, and as if it had been a minute ago."""
    with connection.transaction():
        connection.execute("delete from private.trending where true")
        connection.execute("select private.refresh_trending()")
        connection.execute("update private.trending set epoch = epoch - 1 where true")


@pytest.fixture(scope="session")
def api_environment(database: Any, imagekit: Any, api: Any) -> dict[str, str]:
    """The environment of another API beside the one of the `api` fixture."""
    return environment(database, imagekit, api.jwt_secret)


@pytest.fixture(scope="module")
def laboratory(clone_database: Any, imagekit: Any, api: Any) -> Iterator[Laboratory]:
    """A copy of the database with curious functions, and an API on it."""
    with opened(clone_database, imagekit, api.jwt_secret) as laboratory:
        yield laboratory


@pytest.fixture(scope="module")
def project(api_environment: dict[str, str], api: Any) -> Iterator[Project]:
    ec, rsa, ed = es256(), rs256(), eddsa()
    with running_auth_server() as auth:
        auth.publish(ec, rsa, ed)
        given = api_environment | {"SUPABASE_JWKS_URL": auth.jwks_url}
        with served(given) as url, httpx.Client(base_url=url, timeout=30) as http:
            yield Project(url, http, auth, api.jwt_secret, ec, rsa, ed)


@pytest.fixture
def open_line() -> Iterator[OpenLine]:
    """Open connections that are closed at the end."""
    lines: list[Line] = []

    def opened(url: str) -> Line:
        lines.append(Line(url))
        return lines[-1]

    yield opened
    for line in lines:
        line.socket.close()


@pytest.fixture
def line(open_line: OpenLine, api: Any) -> Line:
    return open_line(api.url)
