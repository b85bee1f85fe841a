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
# What libraries of Standard Webhooks make of the secret, and ImageKit does not.
USUAL_KEY = base64.b64decode(SECRET.removeprefix("whsec_") + "==", altchars=b"-_")
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


def test_the_collected_refusals_are_ours_as_well(vectors: dict[str, Any]) -> None:
    given = {
        "no headers": ({}, NOW),
        "old": (headers(), NOW + 301),
        "other id": (headers(webhook_id="msg_2"), NOW),
        "signature header without a comma": (headers(webhook_signature=signature()[3:]), NOW),
        "bad base64": (headers(webhook_signature="v1,%%%"), NOW),
        "key derived the usual Standard-Webhooks way": (
            headers(webhook_signature=signature(secret=USUAL_KEY)),
            NOW,
        ),
        "two signatures, second good": (
            headers(webhook_signature=f"{signature(secret=b'other')} {signature()}"),
            NOW,
        ),
    }
    collected = {case["case"]: case["raises"] for case in vectors["webhook_rejects"]}
    assert set(given) == set(collected)
    for case, (its_headers, now) in given.items():
        if collected[case] == "ACCEPTED":
            assert verified_event(its_headers, BODY, SECRET, now)["id"] == "evt_1"
        else:
            refused(its_headers, now=now)


def test_five_minutes_either_way_are_recent() -> None:
    for now in (NOW - 300, NOW + 300):
        assert verified_event(headers(), BODY, SECRET, now)["id"] == "evt_1"
        assert verified_event(legacy(), BODY, SECRET, now)["id"] == "evt_1"
    for now in (NOW - 301, NOW + 301):
        refused(headers(), now=now)
        refused(legacy(), now=now)


def test_while_a_secret_is_replaced_one_of_two_signatures_is_enough() -> None:
    old, new = signature(secret=b"the old one"), signature()
    for both in (f"{old} {new}", f"{new} {old}", f"v1a,x {old}  {new}"):
        assert verified_event(headers(webhook_signature=both), BODY, SECRET, NOW)["id"] == "evt_1"
    refused(headers(webhook_signature=f"{old} {old}"))
    header = legacy()["x-ik-signature"]
    for both in (f"{header},v1={'0' * 64}", header.replace(",", f",v1={'0' * 64}, ")):
        given = {"x-ik-signature": both}
        assert verified_event(given, BODY, SECRET, NOW)["id"] == "evt_1"


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
        headers(webhook_id="m\u00e9"),
        headers(webhook_id="\ud800"),
        headers(webhook_timestamp="\u0661\u0662"),
        headers(webhook_timestamp=f"-{NOW}"),
        headers(webhook_signature="v1,\u00e9"),
        headers(webhook_signature="v1,\ud800"),
        headers(webhook_signature=signature(BODY + b" ")),
        headers(webhook_signature=signature(json.dumps(json.loads(BODY), indent=1).encode())),
        {"x-ik-signature": ""},
        {"x-ik-signature": "t=,v1="},
        {"x-ik-signature": legacy()["x-ik-signature"].replace("v1=", "v2=")},
        {"x-ik-signature": legacy()["x-ik-signature"][:-1] + "g"},
        {"x-ik-signature": legacy()["x-ik-signature"].partition(",")[2]},
        {"x-ik-signature": legacy()["x-ik-signature"] + ","},
        {"x-ik-signature": f"t={'9' * 40},v1={'0' * 64}"},
        {"x-ik-signature": f"t={NOW * 1000},v1=" + "\u0665" * 64},
        # The newer headers decide, once they are there.
        legacy() | {"webhook-signature": ""},
        {"x-ik-signature": legacy(body=b"{}")["x-ik-signature"]},
    ],
)
def test_any_other_request_is_refused_and_nothing_else_happens(given: dict[str, str]) -> None:
    refused(given)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b"[" * 9000,
        BODY + b"x",
        b'{"id": "a"}',
        b'{"id": "a", "type": ""}',
        b'{"id": "a", "type": 1}',
        b'{"id": "", "type": "file.created"}',
        b'{"id": null, "type": "file.created"}',
        b'{"id": 7, "type": "file.created"}',
        # Python takes these, and nobody else does.
        b'{"id": "a", "type": "b", "data": NaN}',
        b'{"id": "a", "type": "b", "data": "\\ud800"}',
        b'{"id": "a", "type": "b", "data": 1e999}',
        '{"id": "a", "type": "b"}'.encode("utf-16"),
    ],
)
def test_what_is_signed_and_no_event_is_refused_too(body: bytes) -> None:
    refused(headers(webhook_signature=signature(body)), body)


def test_an_event_without_an_id_has_that_of_its_message() -> None:
    body = b'{"type": "file.created"}'
    given = headers(webhook_signature=signature(body))
    assert verified_event(given, body, SECRET, NOW)["id"] == "msg_1"
    refused(legacy(body=body), body)


def test_without_a_secret_nothing_is_believed() -> None:
    unkeyed = headers(webhook_signature=signature(secret=b""))
    with pytest.raises(WebhookRefused):
        verified_event(unkeyed, BODY, "", NOW)


def test_every_signature_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    compare = hmac.compare_digest

    def watched(ours: bytes, given: bytes) -> bool:
        compared.append(given)
        return compare(ours, given)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    # One after the good one, too: which of them was good is nobody's business.
    three = " ".join([signature(secret=b"x"), signature(), signature(secret=b"y")])
    verified_event(headers(webhook_signature=three), BODY, SECRET, NOW)
    assert len(compared) == 3
    verified_event(legacy(), BODY, SECRET, NOW)
    assert len(compared) == 4
