"""What stops the start, in words that help; and how it stops."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from api.app import create_app
from api.settings import Settings, SettingsError
from tests.api.laboratory import Laboratory
from tests.api.serving import environment, process, start

Given = dict[str, str]
REQUIRED = [
    "SUPABASE_URL",
    "IMAGEKIT_PUBLIC_KEY",
    "IMAGEKIT_PRIVATE_KEY",
    "IMAGEKIT_URL_ENDPOINT",
    "API_DATABASE_URL_ANON",
    "API_DATABASE_URL_USER",
    "API_DATABASE_URL_MEDIA",
]
MALFORMED = {
    "PORT": ["x", "-1", "70000", "3000.0"],
    "SUPABASE_URL": ["project", "ftp://x", "https://"],
    "SUPABASE_JWT_SECRET": ["too short"],
    "SUPABASE_JWKS_URL": ["keys.json", "file:///etc/passwd", "https://x/keys?k=1"],
    "IMAGEKIT_URL_ENDPOINT": ["ik.imagekit.io/demo", "https://ik.imagekit.io/demo?x=1"],
    "IMAGEKIT_API_BASE": ["api.imagekit.io"],
    "IMAGEKIT_UPLOAD_BASE": ["nowhere"],
    "IMAGEKIT_ALLOW_V1": ["yes", "2"],
    "API_DATABASE_URL_ANON": ["mysql://a@b/c", "postgresql://host/db", "host=x user=y"],
    "API_POOL_SIZE": ["0", "many", "-3"],
    "ADDRESS_HEADER": ["x client", "x:y"],
    "TRUSTED_PROXIES": ["10.0.0.0/99", "proxy.example", "10.0.0.1/8"],
    "CORS_ORIGINS": ["app.example", "https://app.example/path"],
}


def refusal(given: Given) -> str:
    """Start the application as a server does, expect it to give up; gives what it says."""
    return asyncio.run(_refusal(given))


async def _refusal(given: Given) -> str:
    app = create_app(Settings.from_environment(given))
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "lifespan.startup"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope: Any = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    with pytest.raises(BaseException):  # noqa: B017, PT011 - what matters is what it sent
        await app(scope, receive, send)
    (message,) = sent
    assert message["type"] == "lifespan.startup.failed"
    said: str = message["message"]
    return said


def refusal_of_the_process(given: Given) -> str:
    """Start the API as an operator does, expect it to give up, and return what it printed."""
    started = start(given)
    try:
        said, _ = started.communicate(timeout=30)
    finally:
        started.kill()
    assert started.returncode != 0, said
    return said


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({})
    assert caught.value.problems == [f"{name} is missing" for name in REQUIRED]
    for name in REQUIRED:
        assert name in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in MALFORMED.items() for value in values],
)
def test_what_is_malformed_is_named(name: str, value: str, api_environment: Given) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(api_environment | {name: value})
    assert len(caught.value.problems) == 1
    assert caught.value.problems[0].startswith(name)


def test_no_problem_repeats_a_secret(api_environment: Given) -> None:
    secrets = {
        "SUPABASE_JWT_SECRET": "hunter2",
        "API_DATABASE_URL_ANON": "mysql://a:hunter2@b/c",
        "API_DATABASE_URL_USER": "postgresql://:hunter2@b/c",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(api_environment | secrets)
    assert len(caught.value.problems) == 3
    assert "hunter2" not in str(caught.value)
    assert api_environment["SUPABASE_JWT_SECRET"] not in repr(
        Settings.from_environment(api_environment)
    )


def test_the_process_ends_with_the_list(api_environment: Given) -> None:
    said = refusal_of_the_process({**api_environment, "PORT": "x", "SUPABASE_URL": ""})
    assert "PORT must be a port" in said
    assert "SUPABASE_URL is missing" in said
    assert "Traceback" not in said


Wrong = Callable[[Any], dict[str, str]]
WRONG_LOGINS: dict[str, tuple[Wrong, str]] = {
    "a superuser": (lambda d: {"API_DATABASE_URL_ANON": d.admin_url}, "is a superuser"),
    "the owner": (lambda d: {"API_DATABASE_URL_USER": d.owner_url}, "owns our tables"),
    "who bypasses row-level security": (
        lambda d: {"API_DATABASE_URL_MEDIA": d.owner_url},
        "bypasses row-level security",
    ),
    "another's role": (
        lambda d: {"API_DATABASE_URL_ANON": d.user_url},
        "must be a member of anon alone, not of authenticated",
    ),
    "users that are strangers": (
        lambda d: {"API_DATABASE_URL_USER": d.anon_url},
        "works as anon and not as authenticated",
    ),
}


@pytest.mark.parametrize(("wrong", "words"), WRONG_LOGINS.values(), ids=WRONG_LOGINS.keys())
def test_a_login_that_could_do_more_or_less_than_its_callers_is_refused(
    wrong: Wrong, words: str, api_environment: Given, database: Any
) -> None:
    changed = wrong(database)
    said = refusal({**api_environment, **changed})
    assert words in said
    assert next(iter(changed)) in said


def test_a_superuser_stops_the_process_in_plain_words(
    api_environment: Given, database: Any
) -> None:
    wrong = {"API_DATABASE_URL_ANON": database.admin_url, "PORT": "0"}
    said = refusal_of_the_process({**api_environment, **wrong})
    assert "API_DATABASE_URL_ANON: the login" in said
    assert "is a superuser" in said
    assert "Traceback" not in said


def test_a_login_in_two_roles_is_refused(api_environment: Given, database: Any) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute("grant authenticated to api_anon")
        try:
            said = refusal({**api_environment})
        finally:
            admin.execute("revoke authenticated from api_anon")
    assert "must be a member of anon alone, not of anon, authenticated" in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("IMAGEKIT_URL_ENDPOINT", "https://ik.imagekit.io/other"), ("ADDRESS_HEADER", "x-other")],
)
def test_a_setting_the_database_sees_otherwise_is_refused(
    name: str, value: str, api_environment: Given
) -> None:
    said = refusal({**api_environment, name: value})
    assert f"{name} is {value}, the database has" in said


def test_a_database_that_is_not_there_is_told_without_its_password(
    api_environment: Given,
) -> None:
    nowhere = "postgresql://api_anon:hunter2@127.0.0.1:9/postgres"
    said = refusal({**api_environment, "API_DATABASE_URL_ANON": nowhere})
    assert "API_DATABASE_URL_ANON" in said
    assert "hunter2" not in said


def test_the_service_key_is_accepted_and_said_to_be_unused(api_environment: Given) -> None:
    with process({**api_environment, "SUPABASE_SERVICE_ROLE_KEY": "hunter2"}) as (started, _):
        started.send_signal(signal.SIGTERM)
        said, _ = started.communicate(timeout=30)
    assert "SUPABASE_SERVICE_ROLE_KEY is set; it is not used" in said
    assert "hunter2" not in said


def test_sigterm_lets_requests_finish_and_takes_no_new_ones(
    laboratory: Laboratory, imagekit: Any
) -> None:
    ada = laboratory.person("ada")
    given = environment(laboratory.database, imagekit, laboratory.jwt_secret)
    answers: list[httpx.Response] = []
    with process(given) as (started, url):

        def nap() -> None:
            answers.append(
                httpx.post(
                    f"{url}/rest/v1/rpc/nap",
                    json={"seconds": 1.5},
                    headers=ada.headers,
                    timeout=30,
                )
            )

        waiting = [threading.Thread(target=nap) for _ in range(2)]
        for thread in waiting:
            thread.start()
        deadline = time.monotonic() + 5
        while laboratory.running("nap") < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        started.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{url}/api/health")
        for thread in waiting:
            thread.join()
        assert started.wait(timeout=15) in {0, -signal.SIGTERM}
    assert [answer.status_code for answer in answers] == [200, 200]
