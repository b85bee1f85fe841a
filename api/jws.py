"""The outside of a token: three strict parts, each in its one spelling, and nothing to obey.

A token is read before anybody has vouched for it, so its header may say which key it was signed
with and nothing else: not where to find keys, not what must be understood.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

from api import strict_json
from api.errors import Failure

MAX_TOKEN_BYTES = 8192
MAX_KID_CHARACTERS = 256

_PART = re.compile(r"[A-Za-z0-9_-]+")
# Where keys are, what keys are, and changes of the rules: a signer's wishes, not a verifier's.
_NEVER = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"})
_TYPES = frozenset({"jwt", "at+jwt"})


class NotATokenError(Exception):
    """This is no token that any key could vouch for."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it came, with its header read and its signature not yet looked at."""

    text: str
    algorithm: str
    kid: str | None
    payload: bytes


def parse(text: str) -> Token:
    """Take a token apart; raise `NotATokenError` for any that is not exactly as it should be."""
    parts = text.split(".")
    if len(parts) != 3 or len(text) > MAX_TOKEN_BYTES:
        raise NotATokenError
    header, payload, _ = (_decoded(part) for part in parts)
    said = json_object(header)
    algorithm, kid, kind = said.get("alg"), said.get("kid"), said.get("typ", "JWT")
    well_formed = (
        isinstance(algorithm, str)
        and isinstance(kid, str | None)
        and len(kid or "") <= MAX_KID_CHARACTERS
        and isinstance(kind, str)
        and kind.lower() in _TYPES
        and not _NEVER & said.keys()
    )
    if not well_formed:
        raise NotATokenError
    return Token(text, str(algorithm), kid, payload)


def json_object(raw: bytes) -> dict[str, Any]:
    """Return a JSON object that two readers cannot read differently."""
    try:
        value = strict_json.parse(raw)
    except Failure:
        raise NotATokenError from None
    if not isinstance(value, dict):
        raise NotATokenError
    return value


def _decoded(part: str) -> bytes:
    if not _PART.fullmatch(part) or len(part) % 4 == 1:
        raise NotATokenError
    decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    # The last character has bits to spare, in which one token could be spelt several ways.
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        raise NotATokenError
    return decoded
