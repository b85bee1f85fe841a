"""The two signatures ImageKit accepts from a client that must not know the private key.

V1 signs a token and its expiry and nothing else: folder, name and checks are then the
client's free choice. V2 is a JWT over every form field, so that nothing can be altered,
left out or added. No official SDK makes the V2 token, hence the few lines here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

LONGEST_LIFE_SECONDS = 3600
"""ImageKit refuses a signature that would hold longer than this."""

NEVER_SIGNED = frozenset({"file", "token", "iat", "exp"})
"""Names a signed form field cannot have: the file itself, and the token's own claims."""


def sign_v1(private_key: str, token: str, expire: int) -> str:
    """Sign an upload through ``/api/v1/files/upload``.

    ``expire`` is a moment in Unix seconds, less than an hour ahead, not a duration.
    """
    message = f"{token}{expire}".encode()
    # The protocol fixes SHA-1; as an HMAC key function it is not broken.
    return hmac.new(private_key.encode(), message, hashlib.sha1).hexdigest()


def sign_v2(
    private_key: str,
    public_key: str,
    fields: Mapping[str, str],
    *,
    issued_at: int,
    expires_at: int,
) -> str:
    """Sign an upload through ``/api/v2/files/upload``: the JWT that binds ``fields``.

    The upload must carry exactly these fields with exactly these values, plus ``token`` (this
    JWT) and ``file``. Equal fields signed in the same second give the same token, and a token is
    good for one upload: a field that is unique, such as the file name, has to be among them.
    """
    if forbidden := NEVER_SIGNED & fields.keys():
        message = f"these form fields cannot be signed: {', '.join(sorted(forbidden))}"
        raise ValueError(message)
    if not 0 < expires_at - issued_at <= LONGEST_LIFE_SECONDS:
        message = f"an upload token lives 1 to {LONGEST_LIFE_SECONDS} seconds"
        raise ValueError(message)
    header = {"alg": "HS256", "typ": "JWT", "kid": public_key}
    payload = {**fields, "iat": issued_at, "exp": expires_at}
    signed = f"{_encoded(header)}.{_encoded(payload)}"
    digest = hmac.new(private_key.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_base64url(digest)}"


def _encoded(part: Mapping[str, object]) -> str:
    return _base64url(json.dumps(part, separators=(",", ":")).encode())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
