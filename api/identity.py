"""Who is calling: from a bearer token to a database role and the claims it may show there.

Nobody is anonymous by mistake: no token at all, or a project's anonymous key, is `anon`; every
other token either proves a user or is refused.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import jwt
import msgspec

Role = Literal["anon", "authenticated"]

AUDIENCE = "authenticated"
# Auth servers' clocks run ahead of ours by a little; an expiry gets no such grace.
CLOCK_SKEW_S = 30
# The longest a verified token is believed without looking again.
REMEMBERED_S = 60
MAX_REMEMBERED = 5_000
MAX_TOKEN_BYTES = 8192
MAX_SUBJECT_CHARACTERS = 255
PUBLISHABLE_PREFIX = "sb_publishable_"

_decode_claims = msgspec.json.Decoder(dict[str, Any]).decode


class BadTokenError(Exception):
    """The token proves nothing. `code` and `reason` are PostgREST's words for it."""

    def __init__(self, reason: str, code: str) -> None:
        """Keep PostgREST's code and text; `/api` says the same for every bad token."""
        super().__init__(reason)
        self.reason = reason
        self.code = code


def _bad(reason: str, code: str = "PGRST301") -> BadTokenError:
    return BadTokenError(reason, code)


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


class KeySource(Protocol):
    """Where verification keys come from: one secret, or a published set of public keys."""

    @property
    def algorithms(self) -> frozenset[str]:
        """Name the algorithms this source's keys are for; a token of another never gets a key."""

    async def key(self, header: Mapping[str, Any]) -> Any:
        """Return the key for a token with this header, or raise `BadTokenError`."""


class SharedSecret:
    """The project's HS256 secret."""

    algorithms = frozenset({"HS256"})

    def __init__(self, secret: str) -> None:
        """Keep the secret for as long as the process lives."""
        self._secret = secret.encode()

    async def key(self, header: Mapping[str, Any]) -> bytes:  # noqa: ARG002 - one key for all
        """Return the one secret."""
        return self._secret


class Identities:
    """Verifies tokens and remembers the verified ones for a while."""

    def __init__(
        self,
        sources: Sequence[KeySource],
        anon_key: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the key sources in order; `anon_key` is the project's anonymous key, if known."""
        self._sources = {name: source for source in sources for name in source.algorithms}
        self._anon_key = anon_key
        self._clock = clock
        self._remembered: dict[str, Identity] = {}

    async def of(self, headers: Iterable[tuple[bytes, bytes]]) -> Identity:
        """Return who sent these request headers, or raise `BadTokenError`."""
        token = _token(headers)
        if token is None or token == self._anon_key:
            return ANONYMOUS
        known = self._remembered.get(token)
        if known is not None and known.good_until > self._clock():
            return known
        identity = await self._verify(token)
        self._remember(token, identity)
        return identity

    async def _verify(self, token: str) -> Identity:
        if self._anon_key is None and token.startswith(PUBLISHABLE_PREFIX):
            # A publishable key is no secret and grants nothing beyond being anonymous.
            return ANONYMOUS
        payload = await self._signed_payload(token)
        try:
            claims = _decode_claims(payload)
        except msgspec.MsgspecError:
            raise _bad("JWT cryptographic operation failed") from None
        if b"\\u0000" in payload:
            # Valid JSON that Postgres cannot hold.
            raise _bad("JWT cryptographic operation failed")
        return self._identity(payload, claims)

    async def _signed_payload(self, token: str) -> bytes:
        if token.count(".") != 2:
            raise _bad(f"Expected 3 parts in JWT; got {token.count('.') + 1}")
        try:
            header = jwt.get_unverified_header(token)
            algorithm = header.get("alg")
            source = self._sources.get(algorithm) if isinstance(algorithm, str) else None
            if source is None or not isinstance(algorithm, str):
                raise _bad("No suitable key or wrong key type")
            key = await source.key(header)
            # Only the header's own algorithm, and only for the source that owns it.
            complete = jwt.PyJWS(algorithms=[algorithm]).decode_complete(token, key, [algorithm])
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _bad("JWT cryptographic operation failed") from None
        payload: bytes = complete["payload"]
        return payload

    def _identity(self, payload: bytes, claims: dict[str, Any]) -> Identity:
        now = self._clock()
        good_until = now + REMEMBERED_S
        expires = claims.get("exp")
        if expires is not None:
            if not _is_time(expires):
                raise _bad("JWT cryptographic operation failed")
            if expires <= now:
                raise _bad("JWT expired", "PGRST303")
            good_until = min(good_until, expires)
        starts = claims.get("nbf", 0)
        if not _is_time(starts) or starts > now + CLOCK_SKEW_S:
            raise _bad("JWT not yet valid", "PGRST303")
        if claims.get("role") == "anon":
            return Identity("anon", payload, None, good_until)
        if claims.get("role") != "authenticated":
            raise _bad("JWT role not allowed")
        if expires is None:
            raise _bad("JWT without an expiry")
        audience = claims.get("aud")
        if AUDIENCE not in (audience if isinstance(audience, list) else [audience]):
            raise _bad("JWT not in audience", "PGRST303")
        return Identity("authenticated", payload, _subject(claims), good_until)

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
                raise _bad("More than one Authorization header")
            authorization = value
        elif name == b"apikey":
            apikey = value
    if authorization is None:
        token = apikey
    elif authorization[:7].lower() == b"bearer ":
        token = authorization[7:].strip()
    else:
        raise _bad("Not a bearer token")
    if token is None:
        return None
    if not token or len(token) > MAX_TOKEN_BYTES or not token.isascii():
        raise _bad("Expected 3 parts in JWT; got 1")
    return token.decode("ascii")


def _is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _subject(claims: dict[str, Any]) -> str | None:
    """Return the user's id; none at all is for the door to judge, an unusable one is refused."""
    if "sub" not in claims:
        return None
    subject = claims["sub"]
    usable = (
        isinstance(subject, str)
        and 1 <= len(subject) <= MAX_SUBJECT_CHARACTERS
        and subject.isprintable()
        and not subject.isspace()
    )
    if not usable:
        raise _bad("JWT subject not usable")
    return str(subject)
