"""Calls any function of the exposed schemas as the caller."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from litestar.types import HTTPScope, Receive, Send

from api.catalogue import Catalogue, Function
from api.database import QueryError, Row, Transaction
from api.errors import Surface
from api.http import Answer, ClientGoneError, read_body, while_client_waits
from api.identity import BadTokenError, Identity
from api.mount import failed
from api.notes import notes_of
from api.rpc import answers, failures, ranges, reloading, request, statements
from api.rpc.failures import RarerError
from api.rpc.modifiers import NONE, Modifiers, modifiers
from api.rpc.ranges import EVERYTHING, Window
from api.rpc.request import Arguments, Asked
from api.services import Services

PREFIX = "/rest/v1/rpc"
ROUTE = f"{PREFIX}/{{function}}"
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
# What Postgres says when a function or its columns are others than those of the catalogue.
OUTDATED = frozenset({"42883", "42703"})


@dataclass(frozen=True, slots=True)
class _Call:
    """One request for a function, understood."""

    name: str
    scope: HTTPScope
    identity: Identity
    asked: Asked
    arguments: Arguments
    modifiers: Modifiers
    window: Window

    @property
    def posted(self) -> bool:
        return self.scope["method"] == "POST"


class Rpc:
    """`/rest/v1/rpc`, mounted."""

    def __init__(self, services: Services) -> None:
        """Start with an empty catalogue; the first call fills it."""
        self._services = services
        self._schemas = services.settings.schemas
        self._catalogue = Catalogue(services.pools.anon, self._schemas)

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Read the catalogue again whenever somebody says that the schema has changed."""
        return reloading.listening(self._services.settings.database_url_anon, self._catalogue)

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
        body: bytes | None = None
        try:
            asked = request.asked(scope, self._schemas)
            pairs = request.query(scope)
            if scope["method"] == "OPTIONS":
                return await self._methods(name, asked)
            if scope["method"] == "POST":
                body = await read_body(scope, receive)
                arguments = request.posted_arguments(scope, body)
            else:
                overloads = await self._catalogue.named(asked.schema, name)
                arguments, pairs = request.queried_arguments(pairs, overloads)
            call = _Call(
                name,
                scope,
                identity,
                asked,
                arguments,
                modifiers(pairs) if pairs else NONE,
                ranges.window(pairs, asked.range) if pairs or asked.range else EVERYTHING,
            )
            return await self._called(call, receive)
        except RarerError as rarer:
            if not self._services.postgrest.available:
                raise rarer.failure from None
        return await self._services.postgrest.forward(scope, receive, body)

    async def _methods(self, name: str, asked: Asked) -> Answer:
        """Say by which methods a function may be called."""
        overloads = await self._catalogue.named(asked.schema, name)
        if not overloads:
            raise failures.function_not_found(asked.schema, name, frozenset(), posted=False)
        reads = any(not function.is_volatile for function in overloads)
        allow = b"OPTIONS,GET,HEAD,POST" if reads else b"OPTIONS,POST"
        return Answer(200, b"", [(b"allow", allow)])

    async def _called(self, call: _Call, receive: Receive) -> Answer:
        function = await self._choose(call)
        try:
            row = await while_client_waits(receive, lambda: self._run(function, call))
        except QueryError as error:
            if error.sqlstate not in OUTDATED:
                raise
            # Replaced since the catalogue was read. Nothing was done, so asking again is safe.
            await self._catalogue.refresh()
            function = await self._choose(call)
            row = await while_client_waits(receive, lambda: self._run(function, call))
        if call.asked.as_object and function.returns_set and answers.rows_of(row) != 1:
            raise failures.not_one_row(answers.rows_of(row))
        return answers.answer(function, row, call.asked, call.window)

    async def _choose(self, call: _Call) -> Function:
        """Return the one function that takes these arguments and has these columns."""
        function = await self._matching(call)
        fields = call.modifiers.shape.fields
        if any(field.column not in function.columns for field in fields):
            await self._catalogue.refresh()
            function = await self._matching(call)
            for field in fields:
                if field.column not in function.columns:
                    # It may be a function of the row, which counts as a column.
                    raise RarerError(failures.column_unknown(function.name, field.column))
        return function

    async def _matching(self, call: _Call) -> Function:
        schema, keys = call.asked.schema, call.arguments.keys
        candidates = await self._catalogue.overloads(schema, call.name, keys)
        if len(candidates) > 1:
            raise failures.function_ambiguous(candidates)
        if candidates:
            return candidates[0]
        missing = failures.function_not_found(schema, call.name, keys, posted=call.posted)
        overloads = await self._catalogue.named(schema, call.name)
        if call.posted and any(function.takes_any_json for function in overloads):
            raise RarerError(missing)
        raise missing

    async def _run(self, function: Function, call: _Call) -> Row:
        settings = self._services.settings
        pools = self._services.pools
        read_only = not (call.posted and function.is_volatile)
        anonymous = call.identity.anonymous
        with_address = anonymous and not read_only
        first_row = call.asked.as_object
        manner = statements.manner(
            role=call.identity.role,
            read_only=read_only,
            as_text=call.arguments.as_text,
            with_address=with_address,
            first_row=first_row,
            max_rows=settings.max_rows,
        )
        values: list[bytes | None] = [call.identity.claims, call.arguments.json]
        if with_address:
            values.append(pools.address_claim(self._services.address(call.scope)))
        counted = call.asked.counts
        shaped = call.modifiers is not NONE or call.window is not EVERYTHING
        if shaped or (counted and function.returns_set):
            text = statements.shaped_statement(
                function, call.arguments.keys, manner, call.modifiers.shape, counted=counted
            )
            values.extend(value.encode() for value in call.modifiers.values)
            values.extend(call.window.values(settings.max_rows))
        else:
            text = statements.statement(function, call.arguments.keys, manner)
        needs_one = first_row and function.returns_set
        opening = statements.opening(function, may_roll_back=needs_one and not read_only)
        pool = pools.of(call.identity)
        if opening is None:
            return await pool.run(text, values)
        transaction = Transaction(opening, _has_one_row if needs_one else _has_any)
        return await pool.run(text, values, transaction)


def _has_one_row(row: Row) -> bool:
    return answers.rows_of(row) == 1


def _has_any(_: Row) -> bool:
    return True


def _function_name(scope: HTTPScope) -> str:
    path = notes_of(scope).path
    name = path.removeprefix(f"{PREFIX}/")
    if name == path or not name or "/" in name or "\0" in name:
        raise failures.path_not_found()
    return name
