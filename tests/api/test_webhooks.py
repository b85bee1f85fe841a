"""What ImageKit tells by itself is taken once, from ImageKit alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.people import Person
from tests.api.serving import ROOT, environment, served
from tests.api.test_contract import failed, succeeded

SECRET = "whsec_of_no_real_account_at_all"
PATH = "/api/webhooks/imagekit"


@pytest.fixture(scope="module")
def told(database: Any, imagekit: Any, api: Any) -> Iterator[httpx.Client]:
    """An API that knows the webhooks' secret."""
    given = environment(database, imagekit, api.jwt_secret, IMAGEKIT_WEBHOOK_SECRET=SECRET)
    with served(given) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def send(client: httpx.Client, event: dict[str, Any], *, age: float = 0) -> httpx.Response:
    body = json.dumps(event).encode()
    at = str(int(time.time() - age))
    signed = b".".join((b"msg", at.encode(), body))
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    headers = {
        "webhook-id": "msg",
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        "content-type": "application/json",
    }
    return client.post(PATH, content=body, headers=headers)


def event(kind: str, **data: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "type": kind, "data": data}


def outcome(answer: httpx.Response) -> str:
    return str(succeeded(answer, "Webhook received")["outcome"])


def count(admin: psycopg.Connection[Any], query: str, *parameters: Any) -> int:
    row = admin.execute(query.encode(), parameters).fetchone()
    assert row is not None
    return int(row[0])


def test_a_file_that_arrived_for_a_ticket_is_taken_once_from_fifty_at_a_time(
    ada: Person, told: httpx.Client, admin: psycopg.Connection[Any]
) -> None:
    uploaded = ada.upload(mime="video/mp4")
    path = path_of(admin, uploaded.ticket_id)
    created = event("file.created", filePath=path, fileId=uploaded.file_id)
    with ThreadPoolExecutor(max_workers=10) as pool:
        outcomes = [one.result() for one in [pool.submit(send, told, created) for _ in range(50)]]
    assert sorted({outcome(answer) for answer in outcomes}) == ["repeated", "uploaded"]
    assert [outcome(answer) for answer in outcomes].count("uploaded") == 1
    state = succeeded(
        ada.get(f"/api/uploads/{uploaded.ticket_id}"), "Upload retrieved successfully"
    )
    assert state["state"] == "uploaded"


def path_of(admin: psycopg.Connection[Any], ticket_id: str) -> str:
    row = admin.execute(
        "select file_path from private.upload_tickets where id = %s", (ticket_id,)
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_file_nobody_asked_for_is_ordered_deleted(
    told: httpx.Client, admin: psycopg.Connection[Any]
) -> None:
    path = f"/videos/2026-11-24/08/{uuid.uuid4()}.mp4"
    assert outcome(send(told, event("file.created", filePath=path, fileId="f"))) == (
        "ordered deleted"
    )
    assert count(admin, "select count(*) from private.media_deletions where target = %s", path) == 1


def test_other_folders_are_not_ours(told: httpx.Client) -> None:
    created = event("file.created", filePath="/shop/logo.png", fileId="f")
    assert outcome(send(told, created)) == "ignored"


@pytest.mark.parametrize("age", [-400, 400])
def test_an_old_or_future_webhook_is_refused_and_nothing_is_written(
    age: float, told: httpx.Client, admin: psycopg.Connection[Any]
) -> None:
    old = event("file.created", filePath="/videos/2026-11-24/08/old.mp4", fileId="f")
    failed(send(told, old, age=age), 401, "invalid_signature")
    assert not count(admin, "select count(*) from private.webhook_events where id = %s", old["id"])


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-signature": "v1"},
        {"webhook-id": "a", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"},
        {"x-ik-signature": "nonsense"},
    ],
)
def test_a_forger_gets_401_whatever_he_sends(headers: dict[str, str], told: httpx.Client) -> None:
    failed(told.post(PATH, content=b"{}", headers=headers), 401, "invalid_signature")


def test_a_body_too_large_is_refused_before_it_is_read(told: httpx.Client) -> None:
    failed(told.post(PATH, content=b"x" * 70_000), 413, "body_too_large")


def test_without_a_secret_there_is_no_such_route(http: httpx.Client) -> None:
    failed(send(http, event("file.created")), 404, "route_not_found")


def test_a_phone_that_died_after_its_upload_still_gets_its_video(
    ada: Person,
    told: httpx.Client,
    imagekit: Any,
    api_environment: dict[str, str],
    admin: psycopg.Connection[Any],
) -> None:
    target = {"url": f"{told.base_url}{PATH}", "secret": SECRET, "style": "legacy"}
    imagekit.control("PUT", "/webhooks", [target])
    try:
        uploaded = ada.upload(mime="video/mp4")
        deadline = time.monotonic() + 10
        while state_of(ada, uploaded.ticket_id)["state"] != "uploaded":
            assert time.monotonic() < deadline
            time.sleep(0.05)
    finally:
        imagekit.control("PUT", "/webhooks", [])
    # Its two minutes to publish by itself pass.
    admin.execute(
        "update private.upload_tickets set next_check_at = now() where id = %s",
        (uploaded.ticket_id,),
    )
    worked = subprocess.run(
        [sys.executable, "-m", "api.media", "worker", "--once"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **api_environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert worked.returncode == 0, worked.stderr
    video_id = state_of(ada, uploaded.ticket_id)["video_id"]
    assert ada.get(f"/api/videos/{video_id}").status_code == 200


def state_of(person: Person, ticket_id: str) -> dict[str, Any]:
    answer = person.get(f"/api/uploads/{ticket_id}")
    state: dict[str, Any] = succeeded(answer, "Upload retrieved successfully")
    return state
