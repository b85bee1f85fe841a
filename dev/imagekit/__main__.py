"""``python -m dev.imagekit --port 4812 --data .local/imagekit``: run the stand-in."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from pathlib import Path

import uvicorn

from dev.imagekit.app import create_app
from dev.imagekit.settings import ProductionError, Settings
from dev.imagekit.store import DataInUseError
from dev.imagekit.webhook_target import Target, TargetRefusedError


def main() -> int:
    """Listen, say where, and serve until interrupted."""
    arguments = _arguments()
    try:
        listener = socket.create_server((arguments.host, arguments.port), backlog=2048)
    except OSError as error:
        # Without what Python adds, which is the address once more.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else str(error)
        return _give_up(f"cannot listen on {arguments.host}:{arguments.port}: {reason}")
    with listener:
        port = listener.getsockname()[1]
        public_base = arguments.public_base or f"http://{arguments.host}:{port}"
        try:
            webhooks = _webhooks(arguments)
        except TargetRefusedError as error:
            return _give_up(str(error))
        settings = Settings(
            data=arguments.data,
            public_base=public_base.rstrip("/"),
            account=arguments.account,
            public_key=os.environ.get("IMAGEKIT_PUBLIC_KEY") or "public_test",
            private_key=os.environ.get("IMAGEKIT_PRIVATE_KEY") or "private_test",
            webhooks=webhooks,
        )
        try:
            app = create_app(settings)
        except (ProductionError, DataInUseError) as error:
            return _give_up(str(error))
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=3
        )
        print(
            f"ImageKit stand-in on {public_base}, delivers from {settings.url_endpoint},"
            f" keeps its files in {arguments.data}",
            flush=True,
        )
        uvicorn.Server(config).run(sockets=[listener])
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m dev.imagekit", description=__doc__)
    parser.add_argument("--port", type=int, default=4812, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="directory for files and records")
    parser.add_argument("--account", default="demo", help="the id in the URL endpoint")
    parser.add_argument(
        "--public-base",
        metavar="URL",
        help="how clients reach it when not by host and port, such as a phone by a LAN address",
    )
    parser.add_argument("--webhook", metavar="URL", help="whom to tell what happens")
    parser.add_argument(
        "--webhook-secret",
        metavar="SECRET",
        default=os.environ.get("IMAGEKIT_WEBHOOK_SECRET", ""),
        help="what it is signed with; better in IMAGEKIT_WEBHOOK_SECRET, where nobody sees it",
    )
    parser.add_argument(
        "--webhook-style", choices=("standard", "legacy"), default="standard", help="its signature"
    )
    return parser.parse_args()


def _webhooks(arguments: argparse.Namespace) -> tuple[Target, ...]:
    if arguments.webhook is None:
        return ()
    return (Target(arguments.webhook, arguments.webhook_secret, arguments.webhook_style),)


def _give_up(reason: str) -> int:
    print(f"ImageKit stand-in: {reason}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
