"""Serves the API from within the tests, with settings of a test's own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from litestar.types import ASGIApp

from api.app import create_app
from api.server import server_config
from api.settings import Settings
from dev.stack.tokens import ISSUER

ROOT = Path(__file__).parents[2]
START_S = 30.0


def environment(
    database: Any, imagekit: Any, jwt_secret: str, **changed: str | None
) -> dict[str, str]:
    """Return the environment for the API on these servers; None takes a variable away."""
    settings: dict[str, str | None] = {
        "SUPABASE_URL": "http://127.0.0.1:54321",
        "SUPABASE_JWT_SECRET": jwt_secret,
        "SUPABASE_JWT_ISSUER": ISSUER,
        "IMAGEKIT_PUBLIC_KEY": imagekit.public_key,
        "IMAGEKIT_PRIVATE_KEY": imagekit.private_key,
        "IMAGEKIT_URL_ENDPOINT": imagekit.url_endpoint,
        "IMAGEKIT_API_BASE": imagekit.base_url,
        "IMAGEKIT_UPLOAD_BASE": imagekit.base_url,
        "API_DATABASE_URL_ANON": database.anon_url,
        "API_DATABASE_URL_USER": database.user_url,
        "API_DATABASE_URL_MEDIA": database.media_url,
        "API_POOL_SIZE": "2",
    }
    given = settings | changed
    return {name: value for name, value in given.items() if value is not None}


@contextmanager
def served(
    given: dict[str, str], make_app: Callable[[Settings], ASGIApp] = create_app
) -> Iterator[str]:
    """Serve the API with this environment in a thread; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    server = uvicorn.Server(server_config(make_app(Settings.from_environment(given))))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        deadline = time.monotonic() + START_S
        while not server.started:
            assert thread.is_alive(), "the API did not start"
            assert time.monotonic() < deadline, "the API took too long to start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def process(given: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run `python -m api` as an operator does; gives the process and its URL."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    started = start(given | {"PORT": str(port)})
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_S
        while not _answers(url):
            assert started.poll() is None, "the API did not start"
            assert time.monotonic() < deadline, "the API took too long to start"
            time.sleep(0.05)
        yield started, url
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate()


def start(given: dict[str, str]) -> subprocess.Popen[str]:
    """Start `python -m api` with this environment and nothing else of ours."""
    return subprocess.Popen(
        [sys.executable, "-m", "api"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health").status_code == 200
    except httpx.TransportError:
        return False
