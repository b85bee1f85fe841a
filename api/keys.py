"""The keys that vouch for tokens: the project's secret, and the public keys it publishes.

A key has one algorithm, told by the key itself. What a token's header says only has to agree.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import jwt

from api import jws

# A set is asked for again while it is in use, and at the latest before it is believed again: a
# key that has left it is refused within the ten minutes that Supabase's own edge keeps the set.
REFRESH_AFTER_S = 300
ASK_FIRST_AFTER_S = 540
# While the set cannot be had, known keys go on for as long as an access token lives: an outage
# of the auth server signs nobody out whom it has let in.
BELIEVED_WITHOUT_WORD_S = 3600
# A key nobody has heard of may be new: one look, then no other for a minute, whoever floods.
UNKNOWN_KEY_EVERY_S = 60
RETRY_EVERY_S = 10
FETCH_TIMEOUT_S = 3.0
MAX_SET_BYTES = 64 * 1024
MAX_KEYS = 20
MIN_RSA_BITS = 2048

SECRET_ALGORITHM = "HS256"
PUBLISHED_ALGORITHMS = frozenset({"ES256", "RS256", "EdDSA"})

_log = logging.getLogger("api.keys")


class KeysUnavailableError(Exception):
    """The key set cannot be had now, so this token can be neither believed nor refused."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the one algorithm it is for."""

    algorithm: str
    # The public key for cryptography to use, or a secret's bytes.
    material: Any

    def vouches_for(self, token: jws.Token) -> bool:
        """Tell whether this very key signed the token."""
        if token.algorithm != self.algorithm:
            return False
        only = [self.algorithm]
        try:
            jwt.PyJWS(algorithms=only).decode_complete(token.text, self.material, algorithms=only)
        except (jwt.PyJWTError, ValueError):
            return False
        return True


def secret_key(secret: str) -> Key:
    """Return the project's shared secret as a key."""
    return Key(SECRET_ALGORITHM, secret.encode())


class UnusableKeyError(Exception):
    """A published key is not for us; the text says why."""


def public_key(jwk: Mapping[str, Any]) -> Key:
    """Return a published key, or raise `UnusableKeyError` when no token may be signed with it."""
    algorithm = _algorithm(jwk)
    if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
        message = "is not for signatures"
        raise UnusableKeyError(message)
    # Only what is public: a set that shows a private part by mistake is not used with it.
    public = {name: jwk[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in jwk}
    try:
        material = jwt.PyJWK(public, algorithm=algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        message = "cannot be read"
        raise UnusableKeyError(message) from error
    if algorithm == "RS256" and material.key_size < MIN_RSA_BITS:
        message = f"has fewer than {MIN_RSA_BITS} bits"
        raise UnusableKeyError(message)
    return Key(algorithm, material)


def _algorithm(jwk: Mapping[str, Any]) -> str:
    """Return what a key is for, by its own kind; what it says of itself must agree."""
    match jwk.get("kty"), jwk.get("crv"):
        case "EC", "P-256":
            algorithm, names = "ES256", {"ES256"}
        case "RSA", None:
            algorithm, names = "RS256", {"RS256"}
        case "OKP", "Ed25519":
            algorithm, names = "EdDSA", {"EdDSA", "Ed25519"}
        case _:
            message = "is of no kind that is used here"
            raise UnusableKeyError(message)
    if jwk.get("alg", algorithm) not in names:
        message = "says it is for another algorithm than its kind"
        raise UnusableKeyError(message)
    return algorithm


class KeySet:
    """A published set of keys: fetched when needed, kept for a while, asked again sparingly."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Name the set; nothing is fetched before the first token, or `open`."""
        self._url = url
        self._clock = clock
        self._raw = b""
        self._keys: dict[str, Key] = {}
        self._had_at: float | None = None
        self._tried_at: float | None = None
        self._looked_for_unknown_at: float | None = None
        self._fetching: asyncio.Task[None] | None = None
        # Grows whenever the keys change, so that what was verified with others can be forgotten.
        self.generation = 0

    async def open(self) -> None:
        """Fetch the set, so that an operator reads at the start when that does not work."""
        await self._fetch()

    async def close(self) -> None:
        """Wait for nothing more."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)

    async def key(self, kid: str) -> Key | None:
        """Return the key of this name, or None; `KeysUnavailableError` when nobody can tell."""
        age, may_ask = self._age(), self._may_ask()
        if age > ASK_FIRST_AFTER_S and may_ask:
            await self._fetch()
        elif age > REFRESH_AFTER_S and may_ask:
            self._begin()
        elif kid not in self._keys and self._may_look_for_unknown():
            await self._fetch()
        if self._age() > BELIEVED_WITHOUT_WORD_S:
            raise KeysUnavailableError
        return self._keys.get(kid)

    def _age(self) -> float:
        return float("inf") if self._had_at is None else self._clock() - self._had_at

    def _is_asking(self) -> bool:
        return self._fetching is not None and not self._fetching.done()

    def _may_ask(self) -> bool:
        # Whoever comes while somebody asks waits for the same answer.
        tried = self._tried_at
        return self._is_asking() or tried is None or self._clock() - tried >= RETRY_EVERY_S

    def _may_look_for_unknown(self) -> bool:
        if self._is_asking():
            return True
        now, last = self._clock(), self._looked_for_unknown_at
        if last is not None and now - last < UNKNOWN_KEY_EVERY_S:
            return False
        self._looked_for_unknown_at = now
        return True

    def _begin(self) -> asyncio.Task[None]:
        if self._fetching is None or self._fetching.done():
            self._tried_at = self._clock()
            self._fetching = asyncio.create_task(self._fetch_once(), name="key set")
        return self._fetching

    async def _fetch(self) -> None:
        # Shielded: a client that leaves does not take the answer from all who wait for it.
        await asyncio.shield(self._begin())

    async def _fetch_once(self) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT_S):
                raw = await _downloaded(self._url)
            keys = _read(raw)
        except (httpx.HTTPError, TimeoutError, _NoKeySetError) as error:
            _log.warning("the key set cannot be had: %s", type(error).__name__)
            return
        if raw != self._raw:
            self._raw, self._keys = raw, keys
            self.generation += 1
            _log.info("the key set is new and has %d usable keys", len(keys))
        self._had_at = self._clock()


class _NoKeySetError(Exception):
    """What came is no key set."""


async def _downloaded(url: str) -> bytes:
    async with (
        httpx.AsyncClient(follow_redirects=False, timeout=FETCH_TIMEOUT_S) as client,
        client.stream("GET", url, headers={"accept": "application/json"}) as answer,
    ):
        if answer.status_code != 200:
            raise _NoKeySetError
        raw = bytearray()
        async for chunk in answer.aiter_bytes():
            raw += chunk
            if len(raw) > MAX_SET_BYTES:
                raise _NoKeySetError
        return bytes(raw)


def _read(raw: bytes) -> dict[str, Key]:
    try:
        listed = jws.json_object(raw).get("keys")
    except jws.NotATokenError:
        raise _NoKeySetError from None
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise _NoKeySetError
    keys: dict[str, Key] = {}
    for jwk in listed:
        kid = jwk.get("kid") if isinstance(jwk, dict) else None
        if not isinstance(kid, str) or not kid or kid in keys:
            _log.warning("a published key is not used: it has no name of its own")
            continue
        with contextlib.suppress(UnusableKeyError):
            keys[kid] = public_key(jwk)
        if kid not in keys:
            _log.warning("a published key is not used: its kind is none of ours")
    return keys


@dataclass(slots=True)
class Keys:
    """All keys of a project: the secret if there is one, the published set if there is one."""

    secret: Key | None = None
    published: KeySet | None = None

    @property
    def generation(self) -> int:
        """Tell which state of the published set this is."""
        return 0 if self.published is None else self.published.generation

    async def key_for(self, token: jws.Token) -> Key | None:
        """Return the only key that may vouch for this token, or None."""
        if token.algorithm == SECRET_ALGORITHM:
            return self.secret
        if token.algorithm not in PUBLISHED_ALGORITHMS:
            return None
        if self.published is None or token.kid is None:
            return None
        return await self.published.key(token.kid)

    async def open(self) -> None:
        """Fetch what is published; a set that cannot be had now is fetched when it is needed."""
        if self.published is not None:
            await self.published.open()

    async def close(self) -> None:
        """Wait for nothing more."""
        if self.published is not None:
            await self.published.close()
