"""Signs tokens as a Supabase project does with its shared secret (HS256)."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

DAY = 24 * 60 * 60
TEN_YEARS = 3650 * DAY
ISSUER = "supabase"


def _part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def sign(claims: Mapping[str, Any], secret: str) -> str:
    """Return the claims as a signed JSON Web Token."""
    header = {"alg": "HS256", "typ": "JWT"}
    parts = (json.dumps(part, separators=(",", ":")).encode() for part in (header, claims))
    signed = b".".join(_part(part) for part in parts)
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return b".".join((signed, _part(signature))).decode()


def user_token(user: str, secret: str, *, lifetime: int = DAY, **claims: Any) -> str:
    """Return what a signed-in `user` carries; a claim given as None is left out."""
    now = int(time.time())
    standard = {
        "iss": ISSUER,
        "aud": "authenticated",
        "role": "authenticated",
        "sub": user,
        "iat": now,
        "exp": now + lifetime,
    }
    present = {name: value for name, value in (standard | claims).items() if value is not None}
    return sign(present, secret)


def project_key(role: str, secret: str) -> str:
    """Return a project's long-lived key: `anon` for apps, `service_role` for servers."""
    now = int(time.time())
    return sign({"iss": ISSUER, "role": role, "iat": now, "exp": now + TEN_YEARS}, secret)
