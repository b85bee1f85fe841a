"""Webhooks, good and bad, and what this project's own verification says of them."""

from __future__ import annotations

import json
import time
from typing import Any

from api.imagekit.webhooks import WebhookRefused, verified_event
from dev.imagekit.webhook_target import Style, Target
from tests.imagekit.listener import SECRET

BODY = json.dumps({"id": "evt_1", "type": "file.created", "data": {"fileId": "a"}})
Webhook = dict[str, Any]


def webhook(
    style: Style = "standard", *, late: float = 0, secret: str = SECRET, **changed: str
) -> Webhook:
    """One that the stand-in would send; then headers, or the body, are changed."""
    now = time.time() - late
    headers = Target("http://127.0.0.1/", secret, style).headers("msg_1", BODY.encode(), now)
    body = changed.pop("body", BODY)
    return {"headers": headers | {k.replace("_", "-"): v for k, v in changed.items()}, "body": body}


def standard_webhooks() -> list[Webhook]:
    """Good ones first, then all that can be wrong."""
    good = webhook()
    signature = good["headers"]["webhook-signature"]
    return [
        good,
        webhook(late=290),
        webhook(late=-290),
        webhook(webhook_signature=f"v1,{'A' * 43}= {signature}"),
        webhook(webhook_signature=f"v2,unknown {signature}"),
        webhook(late=310),
        webhook(late=-310),
        webhook(secret="another"),
        webhook(secret=SECRET.removeprefix("whsec_")),
        webhook(body=BODY + " "),
        webhook(webhook_id="msg_2"),
        webhook(webhook_timestamp="soon"),
        webhook(webhook_signature=""),
        webhook(webhook_signature="v1"),
        webhook(webhook_signature=signature.removeprefix("v1,")),
        webhook(webhook_signature="v1,%%%"),
        webhook(webhook_signature=signature.replace("v1,", "v2,")),
    ]


def ours(webhooks: list[Webhook]) -> list[str | None]:
    """What this project's own verification says."""

    def verified(one: Webhook) -> str | None:
        try:
            return str(
                verified_event(one["headers"], one["body"].encode(), SECRET, time.time())["id"]
            )
        except WebhookRefused:
            return None

    return [verified(one) for one in webhooks]
