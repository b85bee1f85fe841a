"""Who is told by webhooks, and how a message is signed in either of ImageKit's styles."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

Style = Literal["standard", "legacy"]


class TargetRefusedError(ValueError):
    """Where webhooks are not sent to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who is told, and how it is signed."""

    url: str
    secret: str = field(repr=False)
    style: Style = "standard"

    def __post_init__(self) -> None:
        """Refuse addresses of other machines: this is no load generator."""
        try:
            parts = urlsplit(self.url)
            host = parts.hostname or ""
            here = host == "localhost" or ip_address(host).is_loopback
            # Reading a port that is none raises, too.
            here = here and parts.port != 0
        except ValueError:
            here = False
        if not here or not self.url.startswith(("http://", "https://")):
            message = f"webhooks go to this machine only, not to {self.url}"
            raise TargetRefusedError(message)
        if self.style not in {"standard", "legacy"} or not self.secret:
            message = "a target has a url, a secret and a style, standard or legacy"
            raise TargetRefusedError(message)

    def headers(self, event_id: str, body: bytes, now: float) -> dict[str, str]:
        """Sign one message."""
        key = self.secret.encode()
        if self.style == "legacy":
            at = str(int(now * 1000))
            digest = hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest()
            return {"x-ik-signature": f"t={at},v1={digest}"}
        at = str(int(now))
        signed = f"{event_id}.{at}.".encode() + body
        digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return {
            "webhook-id": event_id,
            "webhook-timestamp": at,
            "webhook-signature": f"v1,{digest}",
        }
