"""The stand-in tells what happens, signed as ImageKit signs, and never waits for an answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.imagekit.webhooks import WebhookRefused, verified_event
from tests.imagekit.listener import SECRET, Listener, listening
from tests.imagekit.phone import Phone
from tests.imagekit.running import RunningStandIn, running_standin


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as hears:
        yield hears


def told(url: str, style: str = "standard") -> dict[str, str]:
    return {"url": url, "secret": SECRET, "style": style}


def delivered(standin: RunningStandIn, how_many: int) -> list[dict[str, Any]]:
    """What the control plane says of so many deliveries, once all are done with."""
    deadline = time.monotonic() + 10
    while True:
        deliveries: list[dict[str, Any]] = standin.control("GET", "/webhooks")
        if len(deliveries) >= how_many and all(
            one["tries"] == 3 or one["status"] == 200 for one in deliveries
        ):
            return deliveries
        assert time.monotonic() < deadline, deliveries
        time.sleep(0.02)


def tell(standin: RunningStandIn, url: str, style: str = "standard") -> None:
    standin.control("PUT", "/webhooks", [told(url, style)])


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
    events = {event["type"]: event["data"] for event in listener.events()}
    assert events["file.created"]["filePath"] == "/a/1.mp4"
    assert events["file.deleted"] == {"fileId": file_id}


def test_whoever_does_not_answer_well_is_told_three_times(
    standin: RunningStandIn, listener: Listener
) -> None:
    listener.statuses = [500, 503, 200]
    tell(standin, listener.url)
    standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})
    listener.wait_for(3)
    first = delivered(standin, 2)[0]
    assert (first["tries"], first["status"]) == (3, 200)
    assert len({headers["webhook-id"] for headers, _ in listener.heard[:3]}) == 1


def test_nobody_is_told_unless_asked_for_and_never_another_machine(
    standin: RunningStandIn,
) -> None:
    standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})
    time.sleep(0.3)
    assert standin.control("GET", "/webhooks") == []
    for url in (
        "http://192.0.2.1/hook",
        "http://127.0.0.1@192.0.2.1/hook",
        "http://localhost.example/hook",
        "http://127.0.0.1:99999/hook",
        "ftp://127.0.0.1/hook",
        "hook",
    ):
        refused = httpx.put(f"{standin.base_url}/_standin/webhooks", json=[told(url)])
        assert refused.status_code == 400, url
    assert standin.control("GET")["webhooks"] == []


def test_all_is_told_in_the_order_it_happened(
    standin: RunningStandIn, phone: Phone, listener: Listener
) -> None:
    tell(standin, listener.url)
    form = phone.fields(folder="/a", overwriteFile="true")
    for _ in range(2):
        phone.post(1, phone.signed_v1(form)).raise_for_status()
    httpx.request(
        "DELETE",
        f"{standin.base_url}/v1/folder",
        json={"folderPath": "/a"},
        auth=(standin.private_key, ""),
    ).raise_for_status()
    listener.wait_for(5)
    assert [event["type"] for event in listener.events()] == [
        "folder.created",
        "file.created",
        "file-version.created",
        "file.deleted",
        "folder.deleted",
    ]
    log = standin.control("GET", "/events")
    assert [event["id"] for event in log] == [event["id"] for event in listener.events()]


def test_neither_uploads_nor_others_wait_for_whoever_does_not_answer(
    standin: RunningStandIn, phone: Phone, listener: Listener
) -> None:
    with listening() as busy:
        busy.idle.clear()
        targets = [told(busy.url), told("http://127.0.0.1:1/nobody"), told(listener.url, "legacy")]
        standin.control("PUT", "/webhooks", targets)
        began = time.monotonic()
        paths = [phone.upload()["filePath"] for _ in range(5)]
        listener.wait_for(5)
        assert time.monotonic() - began < 5
        files = [event for event in listener.events() if event["type"] == "file.created"]
        assert [event["data"]["filePath"] for event in files] == paths[: len(files)]
        # The busy one holds up its own messages alone.
        assert len(busy.heard) == 1


def test_whoever_never_answers_is_given_up_after_three_tries(standin: RunningStandIn) -> None:
    tell(standin, "http://127.0.0.1:1/nobody")
    standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})
    assert [(one["tries"], one["status"]) for one in delivered(standin, 2)] == [(3, None)] * 2


def test_a_wrong_clock_signs_with_a_wrong_time(standin: RunningStandIn, listener: Listener) -> None:
    standin.set_clock(3600)
    tell(standin, listener.url)
    standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})
    listener.wait_for(1)
    with pytest.raises(WebhookRefused):
        listener.events()
    verified_event(*listener.heard[0], SECRET, time.time() + 3600)


def test_the_command_line_names_one_who_is_told_after_a_reset_too(
    tmp_path: Path, listener: Listener
) -> None:
    options = ("--webhook", listener.url, "--webhook-secret", SECRET, "--webhook-style", "legacy")
    with running_standin(tmp_path, *options) as standin:
        standin.control("PUT", "/webhooks", [])
        standin.control("POST", "/reset")
        assert standin.control("GET")["webhooks"] == [{"url": listener.url, "style": "legacy"}]
        standin.control("POST", "/files", {"folder": "/a", "names": ["1.mp4"]})
        listener.wait_for(2)
        assert {event["type"] for event in listener.events()} == {"folder.created", "file.created"}


def test_nobody_is_told_what_happened_before_he_was_named(
    standin: RunningStandIn, listener: Listener
) -> None:
    standin.control("POST", "/files", {"folder": "/before", "names": ["1.mp4"]})
    tell(standin, listener.url)
    standin.control("POST", "/files", {"folder": "/after", "names": ["1.mp4"]})
    listener.wait_for(2)
    assert [event["data"]["name"] for event in listener.events()] == ["after", "1.mp4"]
