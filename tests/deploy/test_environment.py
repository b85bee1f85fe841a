"""Passwords of the API's roles and settings come from the environment."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.deploy.real import deploy
from tests.support.server import Database

ENDPOINT = "https://media.example.com/notes"
LOGINS = {
    "API_DATABASE_URL_ANON": "api_anon",
    "API_DATABASE_URL_USER": "api_user",
    "API_DATABASE_URL_MEDIA": "api_media",
}


@pytest.fixture
def real(clone_database: Callable[[], Database]) -> Iterator[Database]:
    """A copy of the deployed project; roles are everybody's, so their passwords are put back."""
    database = clone_database()
    yield database
    assert deploy(database.owner_url, environment=database.environment()).returncode == 0


def urls(database: Database, password: str) -> dict[str, str]:
    return {
        variable: make_conninfo(url, password=password)
        for variable, url in database.environment().items()
    }


def hashes(database: Database) -> list[tuple[object, ...]]:
    with psycopg.connect(database.admin_url) as admin:
        query = "select rolname, rolpassword from pg_authid where rolname = any (%s) order by 1"
        return admin.execute(query, (list(LOGINS.values()),)).fetchall()


def test_a_deploy_sets_the_passwords_that_the_api_logs_in_with(real: Database) -> None:
    changed = urls(real, "correct horse % battery'staple")

    done = deploy(real.owner_url, environment=changed)

    assert done.returncode == 0, done.stderr
    assert "battery" not in done.stdout + done.stderr
    for variable, role in LOGINS.items():
        assert f"password of {role}" in done.stdout
        with psycopg.connect(changed[variable]) as conn:
            assert conn.execute("select session_user").fetchone() == (role,)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(real.anon_url)


def test_a_password_that_works_is_left_alone(real: Database) -> None:
    before = hashes(real)
    assert all(str(digest).startswith("SCRAM-SHA-256$") for _, digest in before)

    done = deploy(real.owner_url, environment=real.environment())

    assert "environment  nothing to do" in done.stdout
    assert hashes(real) == before


def test_a_check_tells_of_a_password_and_does_not_set_it(real: Database) -> None:
    before = hashes(real)

    done = deploy(real.owner_url, "--check", environment=urls(real, "another"))

    assert (done.returncode, hashes(real)) == (2, before)
    assert "password of api_media" in done.stdout


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://postgres:x@localhost/postgres", "logs in as postgres, but must as api_anon"),
        ("postgresql://:x@localhost/postgres", "logs in as nobody, but must as api_anon"),
        ("http://localhost:3000", "is no database URL"),
    ],
)
def test_an_address_that_is_wrong_is_refused_by_the_name_of_its_variable(
    real: Database, url: str, says: str
) -> None:
    done = deploy(real.owner_url, environment={"API_DATABASE_URL_ANON": url})

    assert done.returncode == 1
    assert f"error: API_DATABASE_URL_ANON: {says}\nnothing was changed" in done.stderr


def test_settings_follow_the_environment(real: Database) -> None:
    environment = {"IMAGEKIT_URL_ENDPOINT": f"{ENDPOINT}/", "ADDRESS_HEADER": "CF-Connecting-IP"}

    done = deploy(real.owner_url, environment=environment)

    assert done.returncode == 0, done.stderr
    assert "setting address_header: x-client-address -> cf-connecting-ip" in done.stdout
    with psycopg.connect(real.owner_url) as owner:
        settings = owner.execute("select url_endpoint, address_header from ops.settings")
        assert settings.fetchone() == (ENDPOINT, "cf-connecting-ip")
    assert "environment  nothing to do" in deploy(real.owner_url, environment=environment).stdout


def test_settings_that_the_environment_does_not_name_stay(real: Database) -> None:
    with psycopg.connect(real.owner_url) as owner:
        owner.execute("select ops.set_setting('address_header', 'x-by-hand')")

    done = deploy(real.owner_url, environment={"IMAGEKIT_URL_ENDPOINT": ENDPOINT})

    assert done.returncode == 0, done.stderr
    with psycopg.connect(real.owner_url) as owner:
        row = owner.execute("select address_header from ops.settings").fetchone()
        assert row == ("x-by-hand",)


def test_a_setting_that_is_not_valid_stops_the_deploy_by_the_name_of_its_variable(
    real: Database,
) -> None:
    done = deploy(real.owner_url, environment={"ADDRESS_HEADER": "Not A Header"})

    assert done.returncode == 1
    assert "error: ADDRESS_HEADER: 'not a header' is no valid address_header" in done.stderr


def test_a_check_shows_a_changed_setting_and_leaves_it(real: Database) -> None:
    done = deploy(real.owner_url, "--check", environment={"ADDRESS_HEADER": "x-other"})

    assert done.returncode == 2
    assert "setting address_header: x-client-address -> x-other" in done.stdout
    with psycopg.connect(real.owner_url) as owner:
        row = owner.execute("select address_header from ops.settings").fetchone()
        assert row == ("x-client-address",)
