"""Telling ImageKit's webhooks from anybody's, by both of its signature styles.

The newer style has the headers of Standard Webhooks, but its key is the whole secret as text,
`whsec_` included, not what its tail decodes to. The older one is a single `x-ik-signature`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

TOLERANCE_S = 300
"""How far a webhook's time may be from ours, either way."""

_LEGACY = re.compile(r"t=(?P<time>[0-9]{1,15})(?P<signatures>(?:,\s*v1=[0-9a-fA-F]{64})+)")


class WebhookRefused(Exception):  # noqa: N818 - reads as the answer it is
    """The request does not come from ImageKit, or not now. Says no more to whoever sent it."""


def verified_event(
    headers: Mapping[str, str], body: bytes, secret: str, now: float
) -> dict[str, Any]:
    """Return the event of a webhook, with `id` and `type`; raise `WebhookRefused` for any other.

    `headers` have lower-case names; `body` is exactly what was sent; `now` is in Unix seconds.
    """
    if not secret:
        # Everybody knows the signatures of an empty key.
        message = "there is no secret to verify with"
        raise WebhookRefused(message)
    if "webhook-signature" in headers:
        message_id = _verify_standard(headers, body, secret, now)
    elif "x-ik-signature" in headers:
        message_id = None
        _verify_legacy(headers["x-ik-signature"], body, secret, now)
    else:
        message = "there is no signature"
        raise WebhookRefused(message)
    return _event(body, message_id)


def _verify_standard(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> str:
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not (message_id and message_id.isascii()) or not re.fullmatch("[0-9]{1,12}", timestamp):
        message = "the headers are not those of a webhook"
        raise WebhookRefused(message)
    _require_recent(int(timestamp), now)
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    _require_any(_standard_signatures(headers["webhook-signature"]), signed, secret, _raw)
    return message_id


def _verify_legacy(header: str, body: bytes, secret: str, now: float) -> None:
    found = _LEGACY.fullmatch(header.strip())
    if found is None:
        message = "the signature header is malformed"
        raise WebhookRefused(message)
    _require_recent(int(found["time"]) / 1000, now)
    signed = b".".join((found["time"].encode(), body))
    signatures = re.findall("v1=([0-9a-fA-F]{64})", found["signatures"])
    _require_any(signatures, signed, secret, bytes.fromhex)


def _standard_signatures(header: str) -> Iterator[str]:
    """The signatures of the version we know; while a secret is replaced there are two."""
    for one in header.split():
        version, comma, signature = one.partition(",")
        if comma and version == "v1":
            yield signature


def _raw(signature: str) -> bytes:
    return base64.b64decode(signature, validate=True)


def _require_any(
    signatures: Iterable[str],
    signed: bytes,
    secret: str,
    decoded: Callable[[str], bytes],
) -> None:
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    good = False
    for signature in signatures:
        try:
            given = decoded(signature)
        except (binascii.Error, ValueError):
            continue
        # Every one is compared, and in constant time.
        good |= hmac.compare_digest(expected, given)
    if not good:
        message = "no signature matches"
        raise WebhookRefused(message)


def _require_recent(timestamp: float, now: float) -> None:
    if abs(now - timestamp) > TOLERANCE_S:
        message = "the webhook is too old, or from the future"
        raise WebhookRefused(message)


def _event(body: bytes, message_id: str | None) -> dict[str, Any]:
    try:
        # Stricter than Python's own: what it takes can be written again, and Postgres reads it.
        event = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        event = None
    if not isinstance(event, dict) or not _is_name(event.get("type")):
        message = "the body is no event"
        raise WebhookRefused(message)
    # The older style has no header for an id: there it is in the body, or nowhere.
    event_id = event.get("id", message_id)
    if not _is_name(event_id):
        message = "the event has no id"
        raise WebhookRefused(message)
    return {**event, "id": event_id}


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value != ""
