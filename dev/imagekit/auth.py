"""Who may do what: Basic authentication, both upload signatures, signed addresses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from typing import Any

from dev.imagekit.clock import Clock
from dev.imagekit.refusal import Refusal, bad_request, missing
from dev.imagekit.settings import Settings
from dev.imagekit.store import Store

LONGEST_LIFE_SECONDS = 3600
NEVER_EXPIRES = "9999999999"

USE_ONLY_ONE = "Use only one method, you might be exposing your private API key."
INVALID_EXPIRE = (
    "Your request contains invalid expire parameter. Expire parameter should be a Unix time in"
    " less than 1 hour into the future."
)
INVALID_TOKEN = "Your request has invalid token."
INVALID_PAYLOAD = (
    "Your request contains invalid payload."
    " It does not match with the payload used to generate token."
)
NO_KEY = "Your request does not contain private API key."
NOT_AUTHENTICATED = "Your account cannot be authenticated."


class Authenticator:
    """Checks requests against one account's keys."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        """Know the keys, the tokens already used and the time."""
        self._settings = settings
        self._store = store
        self._clock = clock

    def has_private_key(self, authorization: str | None) -> bool:
        """Whether the header carries our private key; a wrong key is refused.

        The key is the user's name, the password is ignored: SDKs send anything there.
        """
        scheme, _, credentials = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            return False
        try:
            user = base64.b64decode(credentials, validate=True).partition(b":")[0]
        except binascii.Error:
            user = b""
        if not hmac.compare_digest(user, self._settings.private_key.encode()):
            raise Refusal(403, NOT_AUTHENTICATED)
        return True

    def require_private_key(self, authorization: str | None) -> None:
        """Refuse a request that does not carry our private key."""
        if not self.has_private_key(authorization):
            raise Refusal(401, NO_KEY)

    def authorize_v1(self, fields: dict[str, str], *, private_key: bool) -> None:
        """Let a V1 upload in, taking its authentication out of ``fields``."""
        given = {
            name: fields.pop(name, None) for name in ("publicKey", "token", "expire", "signature")
        }
        if private_key:
            if given["signature"] is not None:
                message = (
                    f"Your request contains both signature and basic auth parameter. {USE_ONLY_ONE}"
                )
                raise bad_request(message)
            return
        if not any(given.values()):
            raise Refusal(401, NO_KEY)
        for name, value in given.items():
            if not value:
                raise missing(name)
        token, expire = given["token"] or "", given["expire"] or ""
        if given["publicKey"] != self._settings.public_key:
            raise Refusal(403, NOT_AUTHENTICATED)
        now = self._clock.now()
        if not re.fullmatch(r"\d{1,15}", expire, re.ASCII) or not (
            now < int(expire) < now + LONGEST_LIFE_SECONDS
        ):
            raise bad_request(INVALID_EXPIRE)
        expected = self._hmac(f"{token}{expire}", hashlib.sha1).hex()
        if not hmac.compare_digest(expected.encode(), (given["signature"] or "").encode()):
            message = "Your request contains invalid signature parameter."
            raise bad_request(message)
        self._burn(token)

    def authorize_v2(self, fields: dict[str, str], *, private_key: bool) -> None:
        """Let a V2 upload in, taking its token out of ``fields``."""
        token = fields.pop("token", None)
        if private_key:
            if token is not None:
                message = (
                    f"Your request contains both token and basic auth parameter. {USE_ONLY_ONE}"
                )
                raise bad_request(message)
            return
        if not token:
            raise missing("token")
        claims = self._verified_claims(token)
        issued_at, expires_at = claims.pop("iat", None), claims.pop("exp", None)
        if (
            type(issued_at) is not int
            or type(expires_at) is not int
            or not 0 < expires_at - issued_at <= LONGEST_LIFE_SECONDS
            # A second of tolerance for whole-second times and a clock that is a little behind.
            or issued_at > self._clock.now() + 1
        ):
            raise bad_request(INVALID_TOKEN)
        if expires_at <= self._clock.now():
            message = "Your request contains expired token."
            raise bad_request(message)
        if claims != fields:
            # It was shown, so it is used up, whatever came with it.
            self._store.burn_token(token)
            raise bad_request(INVALID_PAYLOAD)
        self._burn(token)

    def _burn(self, token: str) -> None:
        """Use the token up; whatever happens to the upload later on, it stays used."""
        if not self._store.burn_token(token):
            message = (
                f"The token with value '{token}' has been used before. We suggest using V4 UUIDs,"
                " or another random string with enough entropy to avoid collisions."
            )
            raise bad_request(message)

    def _verified_claims(self, token: str) -> dict[str, Any]:
        try:
            signed, _, signature = token.rpartition(".")
            header, payload = (json.loads(_from_base64url(part)) for part in signed.split("."))
            given = _from_base64url(signature)
        except ValueError:
            raise bad_request(INVALID_TOKEN) from None
        expected = self._hmac(signed, hashlib.sha256)
        if (
            not hmac.compare_digest(expected, given)
            or not isinstance(header, dict)
            or not isinstance(payload, dict)
            or header.get("alg") != "HS256"
            or header.get("kid") != self._settings.public_key
        ):
            raise bad_request(INVALID_TOKEN)
        return payload

    def signed_address_is_good(self, address: str) -> bool | None:
        """Whether the signature of an address holds; None when it has none.

        ``address`` is the path below the account with its query, exactly as it was sent: it is
        these characters that were signed, percent signs and order included.
        """
        path, _, query = address.partition("?")
        parameters = query.split("&") if query else []
        given = _parameter(parameters, "ik-s=")
        if given is None:
            return None
        expires = _parameter(parameters, "ik-t=") or NEVER_EXPIRES
        rest = "&".join(item for item in parameters if not item.startswith(("ik-s=", "ik-t=")))
        signed = f"{path}?{rest}" if rest else path
        expected = self._hmac(f"{signed}{expires}", hashlib.sha1).hex()
        if not hmac.compare_digest(expected.encode(), given.encode()):
            return False
        return expires.isdecimal() and int(expires) > self._clock.now()

    def _hmac(self, message: str, algorithm: Any) -> bytes:
        return hmac.new(self._settings.private_key.encode(), message.encode(), algorithm).digest()


def _from_base64url(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _parameter(parameters: list[str], prefix: str) -> str | None:
    return next((item.removeprefix(prefix) for item in parameters if item.startswith(prefix)), None)
