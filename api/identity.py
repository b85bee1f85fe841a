"""Who is calling: from a bearer token to a database role and the claims it may show there.

Nobody is anonymous by mistake: no token at all, or a project's anonymous key, is `anon`; every
other token either proves a user or is refused.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from api import jws
from api.keys import Keys

Role = Literal["anon", "authenticated"]

AUDIENCE = "authenticated"
# Auth servers' clocks run ahead of ours by a little; an expiry gets no such grace.
CLOCK_SKEW_S = 30
# The longest a verified token is believed without looking again.
REMEMBERED_S = 60
MAX_REMEMBERED = 5_000
MAX_SUBJECT_CHARACTERS = 255
# Seconds; far beyond any life, and well within what a float counts exactly.
LATEST_TIME = 10**11
PUBLISHABLE_PREFIX = "sb_publishable_"
SECRET_PREFIX = "sb_secret_"


class BadTokenError(Exception):
    """The token proves nothing. `code` and `reason` are PostgREST's words for it."""

    def __init__(self, reason: str, code: str) -> None:
        """Keep PostgREST's code and text; `/api` says the same for every bad token."""
        super().__init__(reason)
        self.reason = reason
        self.code = code


class ServiceKeyError(Exception):
    """A service key was sent. It is good, and nobody here is served with it."""


def _forged() -> BadTokenError:
    """Say the same of all that nobody vouches for: a forger learns nothing from it."""
    return BadTokenError("JWT cryptographic operation failed", "PGRST301")


def _unfit(reason: str) -> BadTokenError:
    """Say what is wrong with a token that is genuine."""
    return BadTokenError(reason, "PGRST303")


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified caller. `claims` is the token's own payload, byte for byte."""

    role: Role
    claims: bytes
    subject: str | None
    good_until: float

    @property
    def anonymous(self) -> bool:
        """Tell whether nobody is signed in."""
        return self.role == "anon"


ANONYMOUS = Identity("anon", b'{"role":"anon"}', None, math.inf)


class Identities:
    """Verifies tokens and remembers the verified ones for a while."""

    def __init__(
        self,
        keys: Keys,
        issuers: Collection[str],
        anon_key: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the project's keys, who may issue tokens, and the anonymous key, if known."""
        self._keys = keys
        self._issuers = frozenset(issuers)
        self._anon_key = anon_key
        self._clock = clock
        self._remembered: dict[str, Identity] = {}
        self._generation = keys.generation

    async def of(self, headers: Iterable[tuple[bytes, bytes]]) -> Identity:
        """Return who sent these request headers.

        Raise `BadTokenError`, `ServiceKeyError`, or `KeysUnavailableError` when it cannot be told.
        """
        token = _token(headers)
        if token is None or token == self._anon_key:
            return ANONYMOUS
        if self._generation != self._keys.generation:
            # What a key vouched for that may have gone must be looked at again.
            self._remembered.clear()
            self._generation = self._keys.generation
        known = self._remembered.get(token)
        if known is not None and known.good_until > self._clock():
            return known
        if token.startswith(SECRET_PREFIX):
            raise ServiceKeyError
        if self._anon_key is None and token.startswith(PUBLISHABLE_PREFIX):
            # A publishable key is no secret and grants nothing beyond being anonymous.
            return ANONYMOUS
        claims, payload = await self._verified(token)
        identity = self._identity(claims, payload)
        if self._generation == self._keys.generation:
            self._remember(token, identity)
        return identity

    async def _verified(self, text: str) -> tuple[dict[str, Any], bytes]:
        """Return the claims of a token that one of our keys has signed."""
        try:
            token = jws.parse(text)
            key = await self._keys.key_for(token)
            if key is None or not key.vouches_for(token):
                raise _forged()
            return jws.json_object(token.payload), token.payload
        except jws.NotATokenError:
            raise _forged() from None

    def _identity(self, claims: dict[str, Any], payload: bytes) -> Identity:
        now = self._clock()
        good_until = now + REMEMBERED_S
        expires = claims.get("exp")
        if expires is not None:
            if not _is_time(expires):
                raise _forged()
            if expires <= now:
                raise _unfit("JWT expired")
            good_until = min(good_until, expires)
        starts = claims.get("nbf", 0)
        if not _is_time(starts) or starts > now + CLOCK_SKEW_S:
            raise _unfit("JWT not yet valid")
        match claims.get("role"):
            case "anon":
                # Nothing of it goes on: a subject in it would be nobody's.
                return Identity("anon", ANONYMOUS.claims, None, good_until)
            case "service_role":
                raise ServiceKeyError
            case "authenticated":
                self._check_user(claims)
                return Identity("authenticated", payload, claims["sub"], good_until)
            case _:
                raise _unfit("JWT role not allowed")

    def _check_user(self, claims: dict[str, Any]) -> None:
        """Refuse a token that does not say all that a user's must."""
        if "exp" not in claims:
            raise _unfit("JWT without an expiry")
        audience = claims.get("aud")
        if AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
            raise _unfit("JWT not in audience")
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or issuer not in self._issuers:
            raise _unfit("JWT from another issuer")
        if not _is_subject(claims.get("sub")):
            raise _unfit("JWT subject not usable")

    def _remember(self, token: str, identity: Identity) -> None:
        if len(self._remembered) >= MAX_REMEMBERED:
            # Oldest first: a dict keeps the order in which tokens came.
            del self._remembered[next(iter(self._remembered))]
        self._remembered[token] = identity


def _token(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """Return the bearer token, else the `apikey`, else nothing."""
    authorization: bytes | None = None
    apikey: bytes | None = None
    for name, value in headers:
        if name == b"authorization":
            if authorization is not None:
                raise _forged()
            authorization = value
        elif name == b"apikey":
            if apikey is not None:
                raise _forged()
            apikey = value
    if authorization is None:
        token = apikey
    elif authorization[:7].lower() == b"bearer ":
        token = authorization[7:].strip()
    else:
        raise _forged()
    if token is None:
        return None
    if not token or len(token) > jws.MAX_TOKEN_BYTES or not token.isascii():
        raise _forged()
    return token.decode("ascii")


def _is_time(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 <= value <= LATEST_TIME


def _is_subject(subject: Any) -> bool:
    """Tell whether the database can know somebody by this id."""
    return (
        isinstance(subject, str)
        and 1 <= len(subject) <= MAX_SUBJECT_CHARACTERS
        and subject.isprintable()
        and not subject.isspace()
    )
