"""What breaks, and what clients notice of it."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from api.realtime.limits import STALLED_S
from tests.api.serving import environment, process, served, start
from tests.realtime.client import PATIENCE_S, address, connected
from tests.realtime.conftest import POLICIES, Open, Send
from tests.support.server import Database

LISTENERS = (
    "from pg_stat_activity where application_name = 'api listening (realtime)' and datname = %s"
)


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def end_listener(admin: Any, database: Database) -> None:
    ended = admin.execute(f"select pid, pg_terminate_backend(pid) {LISTENERS}", (database.name,))
    (pid, _) = ended.fetchone()
    there = f"select count(*) {LISTENERS} and pid <> %s and wait_event = 'ClientRead'"
    wait_for(lambda: admin.execute(there, (database.name, pid)).fetchone() == (1,))


def test_a_listener_that_is_killed_comes_back_and_has_clients_join_again(
    open_line: Open, send: Send, database: Database, admin: Any
) -> None:
    client = open_line()
    join_ref = client.joined("test:open")
    with psycopg.connect(database.admin_url, autocommit=True) as superuser:
        end_listener(superuser, database)
    told, ended = client.hear(), client.hear()
    assert (told.event, ended.event, ended.ref) == ("system", "phx_error", join_ref)
    assert "may have been missed" in told.payload["message"]
    client.joined("test:open")
    send("test:open")
    assert client.hear().event == "broadcast"


def test_a_notice_that_somebody_else_made_harms_nobody(
    open_line: Open, send: Send, admin: Any
) -> None:
    client = open_line()
    client.joined("test:open")
    for notice in ("", "x", "{}", '{"topic": 1}', "[]"):
        admin.execute("select pg_notify('realtime', %s)", (notice,))
    send("test:open")
    assert client.hear().event == "broadcast"


def test_a_long_payload_that_is_gone_has_clients_join_again(open_line: Open, admin: Any) -> None:
    for private in (True, False):
        client = open_line()
        client.joined("test:open", private=private)
        notice = {
            "id": "0a8b1a2c-0000-4000-8000-000000000001",
            "topic": "test:open",
            "event": "e",
            "private": private,
        }
        admin.execute("select pg_notify('realtime', %s)", (json.dumps(notice),))
        assert client.hear().event == "system"
        assert client.hear().event == "phx_error"


@pytest.fixture(params=["too much waits", "for too long"])
def impatient(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Either of the two reasons to cut somebody off, soon; and not the other."""
    if request.param == "too much waits":
        monkeypatch.setattr("api.realtime.outbox.MAX_WAITING_MESSAGES", 5)
        monkeypatch.setattr("api.server.STALLED_S", 1000)
    else:
        monkeypatch.setattr("api.realtime.outbox.MAX_WAITING_BYTES", 2**30)
        monkeypatch.setattr("api.server.STALLED_S", 0.5)


def test_who_reads_nothing_is_cut_off_and_nobody_waits_for_him(
    api: Any,
    anon_key: str,
    open_line: Open,
    send: Send,
    impatient: None,
) -> None:
    reader = open_line()
    reader.joined("test:open", private=False)
    with raw_line(api.url, anon_key) as line:
        slowest = 0.0
        for number in range(40):
            began = time.monotonic()
            send("test:open", {"n": number, "x": "x" * 200_000}, private=False)
            assert reader.hear().payload["payload"]["n"] == number
            slowest = max(slowest, time.monotonic() - began)
        assert slowest < 1
        # Not sooner than it is cut off: whoever reads is not cut off any more.
        time.sleep(1)
        assert read_to_the_end(line) < 40 * 200_000


@contextmanager
def raw_line(url: str, key: str) -> Iterator[socket.socket]:
    """Join test:open on a line that is read only on purpose."""
    path = address("", apikey=key).removeprefix("ws://")
    handshake = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    handshake += f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {'A' * 22}==\r\n\r\n"
    join = json.dumps({"topic": "realtime:test:open", "event": "phx_join", "ref": "1"}).encode()
    line = socket.socket()
    with line:
        line.settimeout(PATIENCE_S)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", int(url.rsplit(":", 1)[1])))
        line.sendall(handshake.encode())
        assert b"101 Switching Protocols" in line.recv(4096)
        # Masked with zeros.
        line.sendall(bytes([0x81, 0x80 | len(join)]) + bytes(4) + join)
        assert b"phx_reply" in line.recv(4096)
        yield line


def read_to_the_end(line: socket.socket) -> int:
    """Read until the other end is gone; gives how many bytes there were."""
    size = 0
    try:
        while chunk := line.recv(65536):
            size += len(chunk)
    except ConnectionResetError:
        pass
    return size


@pytest.mark.slow
def test_the_end_of_the_server_is_said_to_every_client(
    database: Database, imagekit: Any, api: Any, anon_key: str, topics: None
) -> None:
    with process(environment(database, imagekit, api.jwt_secret)) as (running, url):
        with connected(url, anon_key) as first, connected(url, anon_key, arrays=False) as second:
            first.joined("test:open")
            second.joined("test:open")
            running.send_signal(signal.SIGTERM)
            assert first.closed_with() == second.closed_with() == 1012
        running.wait(timeout=10)
        assert running.stdout is not None
        assert "Traceback" not in running.stdout.read()


@pytest.mark.slow
def test_who_reads_nothing_does_not_keep_the_server_from_ending(
    database: Database, imagekit: Any, api: Any, anon_key: str, send: Send
) -> None:
    given = environment(database, imagekit, api.jwt_secret)
    with (
        process(given) as (running, url),
        raw_line(url, anon_key),
        connected(url, anon_key) as reader,
    ):
        reader.joined("test:open", private=False)
        for number in range(40):
            send("test:open", {"n": number, "x": "x" * 200_000}, private=False)
            reader.hear()
        began = time.monotonic()
        running.send_signal(signal.SIGTERM)
        assert reader.closed_with() == 1012
        running.wait(timeout=20)
        # Sooner than a line that takes nothing is cut off by itself.
        assert time.monotonic() - began < STALLED_S - 3


def status_of(url: str, key: str) -> int:
    with pytest.raises(InvalidStatus) as refused:
        connect(address(url, apikey=key))
    return refused.value.response.status_code


def test_it_can_be_off(database: Database, imagekit: Any, api: Any, anon_key: str) -> None:
    with served(environment(database, imagekit, api.jwt_secret, REALTIME="0")) as url:
        assert status_of(url, anon_key) == 404


def test_it_is_off_where_the_database_has_a_realtime_of_its_own(
    clone_database: Callable[[], Database], imagekit: Any, api: Any, anon_key: str
) -> None:
    database = clone_database()
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute("drop function realtime.may_listen(text)")
    given = environment(database, imagekit, api.jwt_secret)
    with served(given) as url:
        assert status_of(url, anon_key) == 404
    started = start(given | {"REALTIME": "1", "PORT": "0"})
    output, _ = started.communicate(timeout=30)
    assert started.returncode == 3
    assert "REALTIME is 1, but the database has no realtime.may_listen()" in output


@pytest.mark.slow
def test_postgres_restarts_and_everything_goes_on(
    imagekit: Any, api: Any, anon_key: str, tmp_path: Any
) -> None:
    from tests.support.server import running_server  # noqa: PLC0415 - only here

    with running_server(tmp_path / "pg") as server:
        database = server.clone(
            server.deployed("template", {"IMAGEKIT_URL_ENDPOINT": imagekit.url_endpoint})
        )
        with psycopg.connect(database.owner_url, autocommit=True) as owner:
            owner.execute(POLICIES)
        with (
            served(environment(database, imagekit, api.jwt_secret)) as url,
            connected(url, anon_key) as waiting,
            connected(url, anon_key) as client,
        ):
            waiting.joined("test:open")
            server.cluster.stop()
            assert client.join("test:open").reason.startswith("UnableToConnectToProject: ")
            server.cluster.start()
            deadline = time.monotonic() + 20
            while client.join("test:open").payload["status"] != "ok":
                assert time.monotonic() < deadline
                time.sleep(0.2)
            assert [waiting.hear().event, waiting.hear().event] == ["system", "phx_error"]
            with psycopg.connect(database.owner_url, autocommit=True) as owner:
                owner.execute("select realtime.send('{}', 'e', 'test:open')")
            assert client.hear().event == "broadcast"
