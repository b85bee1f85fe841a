"""Routes mounted as plain ASGI: found in a dictionary, answered without request objects."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from litestar.types import HTTPScope, Receive, Send

from api.database import BusyError, IdentityLostError, QueryError, UnavailableError
from api.documented import Documented
from api.errors import (
    Failure,
    Headers,
    Surface,
    busy,
    internal,
    invalid_token,
    keys_unavailable,
    method_not_allowed,
    not_found,
    service_role_not_served,
    sign_in_required,
    unavailable,
)
from api.http import JSON, Answer, ClientGoneError, uuid
from api.identity import BadTokenError, Identity, ServiceKeyError
from api.keys import KeysUnavailableError
from api.notes import notes_of
from api.services import Services
from api.sqlstates import failure_of
from api.strict_json import check_text

_log = logging.getLogger("api")


@dataclass(slots=True)
class Asked:
    """One request to a mounted route: who asks, and the ids in its path."""

    services: Services
    scope: HTTPScope
    receive: Receive
    identity: Identity
    ids: tuple[bytes, ...]

    @property
    def path(self) -> str:
        """Return the path as the client sent it."""
        return notes_of(self.scope).path

    @property
    def address(self) -> str | None:
        """Return the caller's address; only looked up when something is written for it."""
        return self.services.address(self.scope)


Handler = Callable[[Asked], Awaitable[Answer]]
Shape = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A mounted route: what it is, and what answers it."""

    about: Documented
    handler: Handler


class Mount:
    """Dispatches everything below one prefix."""

    def __init__(self, services: Services, endpoints: Iterable[Endpoint]) -> None:
        """Index the endpoints; `{name}` in a path stands for a UUID or, where said so, a text."""
        self._services = services
        self._literals: set[str] = set()
        self._endpoints: dict[Shape, dict[str, Endpoint]] = {}
        self._with_texts: set[Shape] = set()
        for endpoint in endpoints:
            shape = tuple(
                None if part.startswith("{") else part for part in _parts(endpoint.about.path)
            )
            self._literals.update(part for part in shape if part is not None)
            self._endpoints.setdefault(shape, {})[endpoint.about.method] = endpoint
            if endpoint.about.texts:
                self._with_texts.add(shape)

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope, receive)
        except ClientGoneError:
            return
        await answer.send(send)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> Answer:
        identity: Identity | None = None
        try:
            endpoint, ids = self._find(scope)
            identity = await self._services.caller(scope)
            if endpoint.about.who == "user" and identity.anonymous:
                raise sign_in_required()
            asked = Asked(self._services, scope, receive, identity, _ids(endpoint.about, ids))
            return await endpoint.handler(asked)
        except ClientGoneError:
            raise
        except Exception as error:
            anonymous = identity is None or identity.anonymous
            return failed(error, Surface.API, anonymous=anonymous)

    def _find(self, scope: HTTPScope) -> tuple[Endpoint, list[str]]:
        parts = _parts(notes_of(scope).path)
        shape = self._shape(parts)
        methods = self._endpoints.get(shape)
        if methods is None:
            raise not_found()
        endpoint = methods.get(scope["method"])
        if endpoint is None:
            raise method_not_allowed(", ".join(sorted(methods)))
        notes_of(scope).route = endpoint.about.path
        ids = [part for part, literal in zip(parts, shape, strict=True) if literal is None]
        return endpoint, ids

    def _shape(self, parts: list[str]) -> Shape:
        shape = tuple(part if part in self._literals else None for part in parts)
        if shape in self._endpoints:
            return shape
        # Somebody may be called like a part of a path: /api/users/feed/videos.
        for known in self._with_texts:
            if len(known) == len(parts) and all(
                literal in (None, part) for part, literal in zip(parts, known, strict=True)
            ):
                return known
        return shape


def failed(error: Exception, surface: Surface, *, anonymous: bool) -> Answer:
    """Return the answer for anything that was raised while a request was served."""
    failure = as_failure(error, surface, anonymous=anonymous)
    headers: Headers = [JSON, *failure.headers]
    return Answer(failure.status, failure.body(surface), list(headers))


def as_failure(  # noqa: PLR0911 - one for each kind
    error: Exception, surface: Surface, *, anonymous: bool
) -> Failure:
    """Return what a caller is told about an exception; what nobody expected goes to the log."""
    match error:
        case Failure():
            return error
        case BadTokenError():
            return invalid_token()
        case ServiceKeyError():
            return service_role_not_served()
        case KeysUnavailableError():
            return keys_unavailable()
        case QueryError():
            failure = failure_of(error, surface, anonymous=anonymous)
            if failure.status >= 500:
                _log.error("the database answered %s", error.sqlstate)
            return failure
        case BusyError():
            return busy()
        case UnavailableError():
            return unavailable()
        case IdentityLostError():
            _log.critical("a session was not the role of its pool; it is closed")
            return internal()
        case _:
            _log.error("unexpected %s", type(error).__name__, exc_info=error)
            return internal()


def _parts(path: str) -> list[str]:
    return path.removeprefix("/").split("/")


def _ids(about: Documented, values: list[str]) -> tuple[bytes, ...]:
    names = [part[1:-1] for part in _parts(about.path) if part.startswith("{")]
    return tuple(
        check_text(value).encode() if name in about.texts else uuid(value, name)
        for name, value in zip(names, values, strict=True)
    )
