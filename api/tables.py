"""Tables and views under `/rest/v1`, which PostgREST answers."""

from __future__ import annotations

from litestar.types import HTTPScope, Receive, Send

from api.errors import Surface
from api.http import ClientGoneError
from api.identity import BadTokenError
from api.mount import failed
from api.notes import notes_of
from api.passthrough import PREFIX
from api.rpc import failures
from api.services import Services

ROUTE = f"{PREFIX}/{{table}}"


class Tables:
    """`/rest/v1`, mounted; functions are answered elsewhere."""

    def __init__(self, services: Services) -> None:
        """Take the services; PostgREST is one of them, or is not there."""
        self._services = services

    async def __call__(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            _check_path(scope)
            notes_of(scope).route = ROUTE
            answer = await self._services.postgrest.forward(scope, receive, None)
        except ClientGoneError:
            return
        except BadTokenError as error:
            answer = failed(failures.bad_token(error), Surface.REST, anonymous=True)
        except Exception as error:
            answer = failed(error, Surface.REST, anonymous=True)
        await answer.send(send)


def _check_path(scope: HTTPScope) -> None:
    """Refuse what names no table: no path beside one segment goes any further."""
    table = notes_of(scope).path.removeprefix(PREFIX).removeprefix("/")
    if table in {"", ".", ".."} or "/" in table:
        raise failures.path_not_found()
