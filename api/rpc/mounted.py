"""Calls any function of the exposed schema as the caller."""

from __future__ import annotations

from litestar.types import HTTPScope, Receive, Send

from api.catalogue import Catalogue, Function
from api.database import QueryError, Row
from api.errors import Surface
from api.http import Answer, ClientGoneError, while_client_waits
from api.identity import BadTokenError, Identity
from api.mount import failed
from api.notes import notes_of
from api.rpc import failures
from api.rpc.request import (
    OBJECT_TYPE,
    Arguments,
    counts_exactly,
    posted_arguments,
    profile,
    queried_arguments,
    wants_object,
)
from api.rpc.statements import statement
from api.services import Services

PREFIX = "/rest/v1/rpc"
ROUTE = f"{PREFIX}/{{function}}"
METHODS = frozenset({"GET", "HEAD", "POST"})
UNDEFINED_FUNCTION = "42883"


class Rpc:
    """`/rest/v1/rpc`, mounted."""

    def __init__(self, services: Services) -> None:
        """Start with an empty catalogue; the first call fills it."""
        self._services = services
        self._catalogue = Catalogue(services.pools.anon)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one call."""
        identity: Identity | None = None
        try:
            name = _function_name(scope)
            notes_of(scope).route = ROUTE
            if scope["method"] not in METHODS:
                raise failures.method_not_allowed(scope["method"])
            identity = await self._services.caller(scope)
            answer = await self._answer(name, identity, scope, receive)
        except ClientGoneError:
            return
        except BadTokenError as error:
            answer = failed(failures.bad_token(error), Surface.REST, anonymous=True)
        except Exception as error:
            anonymous = identity is None or identity.anonymous
            answer = failed(error, Surface.REST, anonymous=anonymous)
        await answer.send(send)

    async def _answer(
        self, name: str, identity: Identity, scope: HTTPScope, receive: Receive
    ) -> Answer:
        schema = profile(scope)
        as_object = wants_object(scope)
        arguments = await self._arguments(name, scope, receive)
        function = await self._choose(name, arguments.keys)
        if as_object and function.returns_set:
            raise failures.media_type_unavailable(OBJECT_TYPE)

        async def call() -> Row:
            return await self._call(function, arguments, identity, scope)

        try:
            row = await while_client_waits(receive, call)
        except QueryError as error:
            if error.sqlstate != UNDEFINED_FUNCTION:
                raise
            # Replaced since the catalogue was read. Nothing ran, so asking again is safe.
            await self._catalogue.refresh()
            function = await self._choose(name, arguments.keys)
            row = await while_client_waits(receive, call)
        return _answered(function, row, scope, schema=schema)

    async def _arguments(self, name: str, scope: HTTPScope, receive: Receive) -> Arguments:
        if scope["method"] == "POST":
            return await posted_arguments(scope, receive)
        overloads = await self._catalogue.named(name)
        known = {argument.name for function in overloads for argument in function.arguments}
        return queried_arguments(scope, frozenset(known))

    async def _choose(self, name: str, keys: frozenset[str]) -> Function:
        candidates = await self._catalogue.overloads(name, keys)
        if not candidates:
            raise failures.function_not_found(name, keys)
        if len(candidates) > 1:
            raise failures.function_ambiguous(candidates)
        return candidates[0]

    async def _call(
        self, function: Function, arguments: Arguments, identity: Identity, scope: HTTPScope
    ) -> Row:
        read_only = scope["method"] != "POST" or not function.is_volatile
        with_address = identity.anonymous and not read_only
        text = statement(
            function,
            arguments.keys,
            identity.role,
            read_only=read_only,
            as_text=arguments.as_text,
            with_address=with_address,
        )
        values = [identity.claims, arguments.json]
        if with_address:
            values.append(self._services.pools.address_claim(self._services.address(scope)))
        return await self._services.pools.of(identity).run(text, values)


def _function_name(scope: HTTPScope) -> str:
    path = notes_of(scope).path
    name = path.removeprefix(f"{PREFIX}/")
    if name == path or not name or "/" in name or "\0" in name:
        raise failures.path_not_found()
    return name


def _answered(function: Function, row: Row, scope: HTTPScope, *, schema: str | None) -> Answer:
    body, count = row[0] or b"", int(row[1] or b"0")
    rows = count if function.returns_set else 1
    exact = counts_exactly(scope)
    span = f"0-{rows - 1}" if rows else "*"
    headers = [(b"content-range", f"{span}/{rows if exact else '*'}".encode())]
    if schema is not None:
        headers.append((b"content-profile", schema.encode()))
    if exact:
        headers.append((b"preference-applied", b"count=exact"))
    if function.returns_void:
        return Answer(204, b"", headers)
    media_type = OBJECT_TYPE if wants_object(scope) else "application/json"
    headers.append((b"content-type", f"{media_type}; charset=utf-8".encode()))
    return Answer(200, body, headers)
