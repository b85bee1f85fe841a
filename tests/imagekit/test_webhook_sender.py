"""The stand-in tells what happens, signed as ImageKit signs, and never waits for an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from api.imagekit.webhooks import verified_event
from tests.imagekit.running import RunningStandIn

SECRET = "whsec_of_no_real_account"


@dataclass
class Listener:
    """Hears webhooks; answers with the statuses it is given, then with 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def wait_for(self, how_many: int) -> None:
        deadline = time.monotonic() + 10
        while len(self.heard) < how_many:
            assert time.monotonic() < deadline, f"heard {len(self.heard)} of {how_many}"
            time.sleep(0.02)


@pytest.fixture
def listener() -> Iterator[Listener]:
    hears = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hears.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
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
    server.shutdown()
    thread.join()
    server.server_close()


def tell(standin: RunningStandIn, url: str, style: str = "standard") -> None:
    standin.control("PUT", "/webhooks", [{"url": url, "secret": SECRET, "style": style}])


@pytest.mark.parametrize("style", ["standard", "legacy"])
def test_what_happens_is_told_signed(
    style: str, standin: RunningStandIn, listener: Listener
) -> None:
    tell(standin, listener.url, style)
    [file_id] = standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})["fileIds"]
    httpx.delete(
        f"{standin.base_url}/v1/files/{file_id}", auth=(standin.private_key, "")
    ).raise_for_status()
    listener.wait_for(3)  # its folder is told too
    events = [verified_event(*one, SECRET, time.time()) for one in listener.heard]
    told = {event["type"]: event["data"] for event in events}
    assert told["file.deleted"] == {"fileId": file_id}


def test_whoever_does_not_answer_well_is_told_three_times(
    standin: RunningStandIn, listener: Listener
) -> None:
    listener.statuses = [500, 503, 200]
    tell(standin, listener.url)
    standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})
    listener.wait_for(3)
    time.sleep(0.2)
    delivered = standin.control("GET", "/webhooks")
    assert (delivered[0]["tries"], delivered[0]["status"]) == (3, 200)
    assert len({headers["webhook-id"] for headers, _ in listener.heard[:3]}) == 1


def test_nobody_is_told_unless_asked_for_and_never_another_machine(
    standin: RunningStandIn,
) -> None:
    standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})
    time.sleep(0.3)
    assert standin.control("GET", "/webhooks") == []
    refused = httpx.put(
        f"{standin.base_url}/_standin/webhooks",
        json=[{"url": "http://192.0.2.1/hook", "secret": SECRET, "style": "standard"}],
    )
    assert refused.status_code == 400
