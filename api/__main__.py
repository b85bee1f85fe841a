"""`python -m api`: serve, with the server set up as the API expects it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from litestar.types import ASGIApp

from api.app import create_app
from api.server import server_config
from api.settings import Settings, SettingsError

# As uvicorn's own command ends.
STARTUP_FAILED = 3


def main(make_app: Callable[[Settings], ASGIApp] = create_app) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was begun."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    server = uvicorn.Server(
        server_config(make_app(settings), host=settings.host, port=settings.port)
    )
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(STARTUP_FAILED)


if __name__ == "__main__":
    main()
