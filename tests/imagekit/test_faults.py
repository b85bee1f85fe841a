"""Trouble on demand, and who may order it."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import imagekitio
import pytest
from imagekitio import ImageKit

from dev.imagekit.app import create_app
from dev.imagekit.settings import Settings
from tests.imagekit.phone import VIDEO, Phone
from tests.imagekit.running import HTTP, RunningStandIn

UNKNOWN_ID = "0" * 24
DETAILS = f"^/v1/files/{UNKNOWN_ID}/details$"


def test_an_error_comes_as_often_as_ordered(sdk: ImageKit, standin: RunningStandIn) -> None:
    standin.fault("^/v1/files", status=503, times=2, method="GET", body={"message": "Busy."})
    with pytest.raises(imagekitio.NotFoundError):
        sdk.files.delete(UNKNOWN_ID)
    for _ in range(2):
        with pytest.raises(imagekitio.InternalServerError, match="Busy"):
            sdk.assets.list()
    assert sdk.assets.list() == []


def test_a_429_says_how_long_to_wait(sdk: ImageKit, standin: RunningStandIn) -> None:
    standin.fault(DETAILS, status=429, reset_ms=1500)
    with pytest.raises(imagekitio.RateLimitError) as raised:
        sdk.files.get(UNKNOWN_ID)
    headers = raised.value.response.headers
    assert headers["x-ratelimit-reset"] == "1500"
    assert {"x-ratelimit-limit", "x-ratelimit-interval"} <= set(headers)


def test_a_rate_limit_lets_so_many_through_each_second(
    sdk: ImageKit, standin: RunningStandIn
) -> None:
    standin.limit(reads_per_second=3)
    # Begin with a fresh second.
    time.sleep(1.01 - time.time() % 1)
    for _ in range(3):
        sdk.assets.list()
    with pytest.raises(imagekitio.RateLimitError) as raised:
        sdk.assets.list()
    wait = int(raised.value.response.headers["x-ratelimit-reset"])
    assert 0 < wait <= 1000
    # Writes are counted apart, and are not limited here.
    with pytest.raises(imagekitio.NotFoundError):
        sdk.files.delete(UNKNOWN_ID)
    time.sleep(wait / 1000 + 0.01)
    assert sdk.assets.list() == []


def test_an_answer_is_late_when_ordered(sdk: ImageKit, standin: RunningStandIn) -> None:
    standin.fault("^/v1/files$", delay=0.3)
    began = time.monotonic()
    assert sdk.assets.list() == []
    assert time.monotonic() - began >= 0.3


def test_a_connection_is_lost_before_anything_is_done(
    sdk: ImageKit, standin: RunningStandIn, phone: Phone
) -> None:
    file_id = phone.upload()["fileId"]
    standin.fault(f"^/v1/files/{file_id}$", drop="before")
    with pytest.raises(imagekitio.APIConnectionError):
        sdk.files.delete(file_id)
    assert sdk.files.get(file_id).size == len(VIDEO)


def test_a_connection_is_lost_after_all_is_done(
    sdk: ImageKit, standin: RunningStandIn, phone: Phone
) -> None:
    file_id = phone.upload()["fileId"]
    standin.fault(f"^/v1/files/{file_id}$", drop="after")
    with pytest.raises(imagekitio.APIConnectionError):
        sdk.files.delete(file_id)
    with pytest.raises(imagekitio.NotFoundError):
        sdk.files.get(file_id)


def test_uploads_and_delivery_fail_as_well(standin: RunningStandIn, phone: Phone) -> None:
    url = phone.upload()["url"]
    standin.fault("^/demo/", status=500)
    assert HTTP.get(url).status_code == 500
    assert HTTP.get(url).status_code == 200
    standin.fault("^/api/v2/", status=500)
    signed = phone.signed_v2(phone.fields())
    assert phone.post(2, signed).status_code == 500
    assert phone.post(2, signed).status_code == 200


def test_calls_are_counted(sdk: ImageKit, standin: RunningStandIn, phone: Phone) -> None:
    answer = phone.upload()
    HTTP.get(answer["url"])
    sdk.files.get(answer["fileId"])
    sdk.files.get(answer["fileId"])
    assert standin.calls() == {
        "POST /api/v2/files/upload": 1,
        "GET /demo": 1,
        "GET /v1/files/{file_id}/details": 2,
    }
    standin.control("DELETE", "/faults")
    assert standin.calls() == {}


def test_many_files_are_there_at_once(sdk: ImageKit, standin: RunningStandIn) -> None:
    wanted = [f"{number}.mp4" for number in range(1200)]
    made = standin.control("POST", "/files", {"folder": "/videos/2026-11-22/00", "names": wanted})
    assert len(set(made["fileIds"])) == 1200
    details = sdk.files.get(made["fileIds"][7]).to_dict()
    assert (details["filePath"], details["duration"]) == ("/videos/2026-11-22/00/7.mp4", 2)
    assert HTTP.get(f"{standin.url_endpoint}/videos/2026-11-22/00/7.mp4").content == VIDEO
    again = {"folder": "/videos/2026-11-22/00", "names": ["new.mp4", "7.mp4"]}
    answer = HTTP.post(f"{standin.base_url}/_standin/files", json=again)
    assert answer.status_code == 400
    sdk.folders.delete(folder_path="/videos/2026-11-22")
    assert standin.blobs() == []


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/limits", {"video_bytes": "many"}),
        ("PATCH", "/limits", {"video_bytes": True}),
        ("PATCH", "/limits", {"video_bytes": None}),
        ("PATCH", "/limits", {"restrict_unsigned": 1}),
        ("PATCH", "/limits", {"undeletable": [1]}),
        ("PATCH", "/limits", {"reads_per_second": -1}),
        ("PATCH", "/limits", {"nonsense": 1}),
        ("POST", "/faults", {"path": "("}),
        ("POST", "/faults", {"status": 500}),
        ("POST", "/faults", {"path": "x", "nonsense": 1}),
        ("PUT", "/clock", {"offset": "tomorrow"}),
        ("POST", "/files", {"folder": "/x"}),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    standin: RunningStandIn, method: str, path: str, body: Any
) -> None:
    before = standin.control("GET")
    answer = HTTP.request(method, f"{standin.base_url}/_standin{path}", json=body)
    assert answer.status_code == 400
    assert standin.control("GET") == before


def test_a_rate_limit_can_be_taken_off_again(standin: RunningStandIn) -> None:
    standin.limit(reads_per_second=5)
    standin.limit(reads_per_second=None)
    assert standin.control("GET")["limits"]["reads_per_second"] is None


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("10.0.0.2", 404), ("2001:db8::1", 404), ("nobody", 404)],
)
def test_only_this_machine_sees_the_control_plane(tmp_path: Path, host: str, status: int) -> None:
    async def ask() -> int:
        standin = create_app(Settings(data=tmp_path, public_base="http://stand.in"))
        # Both sides speak ASGI, but do not describe it with the same types.
        app: Any = standin
        async with (
            standin.lifespan(),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, client=(host, 1)), base_url="http://stand.in"
            ) as client,
        ):
            # Delivery is for everybody.
            assert (await client.get("/demo/nothing.mp4")).json()["message"]
            return (await client.get("/_standin")).status_code

    assert asyncio.run(ask()) == status
