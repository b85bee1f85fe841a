"""The same app on each client: old and new supabase-js, and supabase-py."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.serving import START_S, environment, start
from tests.clients.supabase_realtime.conftest import App, RunApp
from tests.realtime.conftest import Send
from tests.realtime.test_breaking import end_listener
from tests.support.server import Database

if not (shutil.which("node") and shutil.which("npm")):
    pytest.skip(
        "THE SUPABASE CLIENTS' CHANNELS ARE NOT TESTED: there is no node with npm here",
        allow_module_level=True,
    )

pytestmark = pytest.mark.slow


@pytest.fixture
def app(run_app: RunApp, api: Any) -> App:
    return run_app(api.url)


def test_messages_come_on_private_and_on_public_channels(app: App, send: Send) -> None:
    app.subscribe("test:open")
    app.subscribe("news", private=False)
    send("test:open", {"likes": 3}, event="counted")
    assert app.until("test:open", event="counted")["payload"]["likes"] == 3
    send("news", {"text": "Grüße"}, event="told", private=False)
    assert app.until("news", event="told")["payload"]["text"] == "Grüße"
    send("test:open", {"text": "x" * 20_000}, event="long")
    assert len(app.until("test:open", event="long")["payload"]["text"]) == 20_000


def test_a_refused_join_says_why(app: App) -> None:
    app.do("subscribe", topic="test:nobody", isPrivate=True)
    refused = app.until("test:nobody", status="CHANNEL_ERROR")
    assert "You do not have permissions to read from this Channel topic" in refused["error"]


def test_who_is_signed_in_hears_what_is_for_him(
    app: App, api: Any, send: Send, may_listen: Any
) -> None:
    may_listen("ada", "of-ada")
    app.do("token", token=api.token("ada"))
    app.subscribe("test:of-ada")
    send("test:of-ada", event="told")
    app.until("test:of-ada", event="told")


def test_after_leaving_nothing_comes(app: App, send: Send) -> None:
    app.subscribe("test:open")
    app.subscribe("news", private=False)
    app.do("leave", topic="test:open")
    app.until("test:open", status="CLOSED")
    send("test:open", event="told")
    assert app.hears_nothing()
    send("news", event="told", private=False)
    app.until("news", event="told")


def test_a_new_token_keeps_the_channel_and_an_old_one_ends_it(
    app: App, api: Any, send: Send
) -> None:
    app.do("token", token=api.token("ada", lifetime=4))
    app.subscribe("test:open")
    app.do("token", token=api.token("ada", lifetime=9))
    time.sleep(5)
    send("test:open", event="told")
    app.until("test:open", event="told")
    app.until("test:open", status="CLOSED")


def test_a_gap_in_listening_is_told_and_the_app_joins_again(
    app: App, send: Send, database: Database
) -> None:
    app.subscribe("test:open")
    with psycopg.connect(database.admin_url, autocommit=True) as superuser:
        end_listener(superuser, database)
    app.until("test:open", status="CHANNEL_ERROR")
    app.until("test:open", status="SUBSCRIBED")
    send("test:open", event="told")
    app.until("test:open", event="told")


@contextmanager
def serving(given: dict[str, str], url: str) -> Iterator[subprocess.Popen[str]]:
    """Serve the API where apps already look for it."""
    started = start(given)
    try:
        deadline = time.monotonic() + START_S
        while not _answers(url):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield started
        started.send_signal(signal.SIGTERM)
        started.communicate(timeout=20)
    finally:
        started.kill()
        started.communicate()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health").status_code == 200
    except httpx.TransportError:
        return False


def test_an_app_comes_back_when_the_server_does(
    run_app: RunApp, database: Database, imagekit: Any, api: Any, send: Send
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    given = environment(database, imagekit, api.jwt_secret, PORT=str(port))
    with serving(given, url):
        app = run_app(url)
        app.subscribe("test:open")
    app.until("test:open", status="CHANNEL_ERROR")
    with serving(given, url):
        app.until("test:open", status="SUBSCRIBED")
        send("test:open", event="told")
        app.until("test:open", event="told")
