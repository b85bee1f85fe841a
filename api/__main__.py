"""`python -m api`: serve, with the server set up as the API expects it."""

from __future__ import annotations

import os

import uvicorn

from api.app import create_app
from api.settings import Settings, SettingsError

# How long requests may take to finish after SIGTERM; longer than any statement may run.
DRAIN_S = 20


def main() -> None:
    """Serve until SIGTERM or SIGINT, then finish what was begun."""
    try:
        settings = Settings.from_environment(os.environ)
    except SettingsError as error:
        raise SystemExit(str(error)) from None
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        # Which proxies to believe is TRUSTED_PROXIES's business alone.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=DRAIN_S,
    )


if __name__ == "__main__":
    main()
