"""Somebody who hears webhooks, on a port of this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from api.imagekit.webhooks import verified_event

SECRET = "whsec_of_no_real_account"


@dataclass
class Listener:
    """Hears webhooks; answers with the statuses it is given, then with 200.

    While it is busy it hears, and does not answer.
    """

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    idle: threading.Event = field(default_factory=threading.Event)

    def events(self) -> list[dict[str, Any]]:
        """What was heard, each of it verified."""
        return [verified_event(*one, SECRET, time.time()) for one in self.heard]

    def wait_for(self, how_many: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.heard) < how_many:
            assert time.monotonic() < deadline, f"heard {len(self.heard)} of {how_many}"
            time.sleep(0.02)


@contextmanager
def listening() -> Iterator[Listener]:
    hears = Listener()
    hears.idle.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hears.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            hears.idle.wait()
            self.send_response(hears.statuses.pop(0) if hears.statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    hears.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    yield hears
    hears.idle.set()
    server.shutdown()
    thread.join()
    server.server_close()
