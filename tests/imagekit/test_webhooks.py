"""A webhook is ImageKit's when its signature says so, by either style, and it is recent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest

from api.imagekit.webhooks import WebhookRefused, verified_event

SECRET = "whsec_of_no_real_account"
NOW = 1_795_350_000
BODY = b'{"id": "evt_1", "type": "file.created", "data": {"fileId": "a"}}'


def signature(body: bytes = BODY, secret: bytes = SECRET.encode(), at: int = NOW) -> str:
    signed = b"msg_1." + str(at).encode() + b"." + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def headers(**changed: str | None) -> dict[str, str]:
    """Good headers, with some changed or, by None, taken away."""
    good: dict[str, str | None] = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(NOW),
        "webhook-signature": signature(),
    }
    named = {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in (good | named).items() if value is not None}


def legacy(at_ms: int = NOW * 1000, body: bytes = BODY) -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), f"{at_ms}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-ik-signature": f"t={at_ms},v1={digest}"}


def refused(given: dict[str, str], body: bytes = BODY, now: float = NOW) -> None:
    with pytest.raises(WebhookRefused):
        verified_event(given, body, SECRET, now)


def test_the_collected_webhooks_of_the_newer_style_are_taken(vectors: dict[str, Any]) -> None:
    for case in vectors["webhook_standard"]["cases"]:
        given = {
            "webhook-id": case["webhook_id"],
            "webhook-timestamp": str(case["webhook_timestamp"]),
            "webhook-signature": case["webhook_signature"],
        }
        body = case["body"].encode()
        event = verified_event(given, body, case["secret"], case["webhook_timestamp"])
        assert event == json.loads(body)


def test_the_collected_webhooks_of_the_older_style_are_taken(vectors: dict[str, Any]) -> None:
    for case in vectors["webhook_legacy_x_ik_signature"]["cases"]:
        at = int(case["header"].split(",")[0].removeprefix("t=")) / 1000
        body = case["body"].encode()
        given = {"x-ik-signature": case["header"]}
        assert verified_event(given, body, case["secret"], at) == json.loads(body)


def test_five_minutes_either_way_are_recent() -> None:
    for now in (NOW - 300, NOW + 300):
        assert verified_event(headers(), BODY, SECRET, now)["id"] == "evt_1"
        assert verified_event(legacy(), BODY, SECRET, now)["id"] == "evt_1"
    for now in (NOW - 301, NOW + 301):
        refused(headers(), now=now)
        refused(legacy(), now=now)


def test_while_a_secret_is_replaced_one_of_two_signatures_is_enough() -> None:
    both = f"{signature(secret=b'the old one')} {signature()}"
    assert verified_event(headers(webhook_signature=both), BODY, SECRET, NOW)["id"] == "evt_1"


@pytest.mark.parametrize(
    "given",
    [
        {},
        headers(webhook_id=None),
        headers(webhook_timestamp=None),
        headers(webhook_timestamp="soon"),
        headers(webhook_timestamp="9" * 40),
        headers(webhook_id="msg_2"),
        headers(webhook_timestamp=str(NOW + 1)),
        headers(webhook_signature=""),
        headers(webhook_signature="v1"),
        headers(webhook_signature="v1,"),
        headers(webhook_signature="v1,not base64!"),
        headers(webhook_signature=signature().replace("v1,", "v2,")),
        headers(webhook_signature=signature(secret=b"another")),
        headers(webhook_signature=signature(secret=base64.b64decode("b2Zfbm9fcmVhbF9hY2NvdW50"))),
        {"x-ik-signature": ""},
        {"x-ik-signature": "t=,v1="},
        {"x-ik-signature": legacy()["x-ik-signature"].replace("v1=", "v2=")},
        {"x-ik-signature": legacy()["x-ik-signature"][:-1] + "g"},
        {"x-ik-signature": legacy(body=b"{}")["x-ik-signature"]},
    ],
)
def test_any_other_request_is_refused_and_nothing_else_happens(given: dict[str, str]) -> None:
    refused(given)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"{", b"\xff", b'{"type": 1, "id": "a"}', b'{"id": "a"}', b"[" * 9000],
)
def test_what_is_signed_and_no_event_is_refused_too(body: bytes) -> None:
    refused(headers(webhook_signature=signature(body)), body)


def test_an_event_without_an_id_has_that_of_its_message() -> None:
    body = b'{"type": "file.created"}'
    given = headers(webhook_signature=signature(body))
    assert verified_event(given, body, SECRET, NOW)["id"] == "msg_1"
    refused(legacy(body=body), body)
