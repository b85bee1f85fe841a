"""The API's client: what it answers, and how it tells failures apart."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest

from api.imagekit.account import ImageKitAccount
from api.imagekit.client import ImageKitClient
from api.imagekit.errors import (
    FileIdMalformed,
    FileNotFound,
    ImageKitError,
    ImageKitRefused,
    ImageKitUnavailable,
)
from tests.imagekit.phone import VIDEO, Phone
from tests.imagekit.running import RunningStandIn

UNKNOWN_ID = "0" * 24
DETAILS = "^/v1/files/.*/details$"
LIST = "^/v1/files$"

Answer = TypeVar("Answer")
Question = Callable[[ImageKitClient], Awaitable[Answer]]


def account(base: str, private_key: str) -> ImageKitAccount:
    return ImageKitAccount(
        public_key="public_test",
        private_key=private_key,
        url_endpoint=f"{base}/demo",
        upload_base=base,
        api_base=base,
    )


def ask(
    standin: RunningStandIn, question: Question[Answer], *, key: str | None = None, **options: Any
) -> Answer:
    """Put one question with a client of its own."""

    async def asked() -> Answer:
        known = account(standin.base_url, key or standin.private_key)
        async with ImageKitClient(known, **{"max_retries": 0, **options}) as client:
            return await question(client)

    return asyncio.run(asked())


def details(file_id: str) -> Question[dict[str, Any]]:
    return lambda client: client.get_file(file_id, patience=())


def test_details_come_as_imagekit_sent_them(standin: RunningStandIn, phone: Phone) -> None:
    uploaded = phone.upload(phone.fields(tags="t_1"))
    answer = ask(standin, details(uploaded["fileId"]))
    assert answer["filePath"] == uploaded["filePath"]
    assert answer["versionInfo"] == {"id": uploaded["fileId"], "name": "Version 1"}
    assert (answer["size"], answer["mime"], answer["duration"]) == (len(VIDEO), "video/mp4", 2)
    # No number became another kind of number on the way.
    assert type(answer["width"]) is int
    assert answer["AITags"] is None


def test_a_file_is_found_by_its_exact_place(standin: RunningStandIn, phone: Phone) -> None:
    uploaded = phone.upload(phone.fields(folder="/a/b", fileName="one.mp4"))
    phone.upload(phone.fields(folder="/a/b", fileName="one.mp4.mp4"))
    phone.upload(phone.fields(folder="/a/b/c", fileName="one.mp4"))

    def find(folder: str, name: str) -> dict[str, Any] | None:
        return ask(standin, lambda client: client.find_file(folder, name))

    for folder in ("/a/b", "a/b/"):
        found = find(folder, "one.mp4")
        assert found is not None
        assert found["fileId"] == uploaded["fileId"]
    assert find("/a", "one.mp4") is None
    assert find("/a/b", "two.mp4") is None
    # A folder of that name is no file.
    assert find("/a/b", "c") is None


def test_a_file_in_the_root_is_found(standin: RunningStandIn, phone: Phone) -> None:
    uploaded = phone.upload(phone.fields(folder="/", fileName="one.mp4"))
    found = ask(standin, lambda client: client.find_file("/", "one.mp4"))
    assert found is not None
    assert found["fileId"] == uploaded["fileId"]


@pytest.mark.parametrize("name", ['" OR name = "x', "a/b.mp4", "", "a b.mp4"])
def test_a_name_cannot_smuggle_in_a_search(standin: RunningStandIn, name: str) -> None:
    with pytest.raises(ValueError, match="not a plain file name"):
        ask(standin, lambda client: client.find_file("/a", name))
    assert standin.calls() == {}


def test_an_unknown_file_is_not_found(standin: RunningStandIn) -> None:
    with pytest.raises(FileNotFound):
        ask(standin, details(UNKNOWN_ID))


def test_a_file_that_appears_late_is_waited_for(standin: RunningStandIn, phone: Phone) -> None:
    file_id = phone.upload()["fileId"]
    standin.fault(DETAILS, status=404, times=2)
    answer = ask(standin, lambda client: client.get_file(file_id, patience=(0.1, 0.2, 5)))
    assert answer["fileId"] == file_id
    assert standin.calls()["GET /v1/files/{file_id}/details"] == 3


def test_waiting_for_a_file_has_an_end(standin: RunningStandIn) -> None:
    began = time.monotonic()
    with pytest.raises(FileNotFound):
        ask(standin, lambda client: client.get_file(UNKNOWN_ID, patience=(0.1, 0.2)))
    assert time.monotonic() - began >= 0.3
    assert standin.calls()["GET /v1/files/{file_id}/details"] == 3


def test_a_search_can_be_patient_too(standin: RunningStandIn) -> None:
    nothing = ask(standin, lambda client: client.find_file("/a", "one.mp4", patience=(0.1,)))
    assert nothing is None
    assert standin.calls()["GET /v1/files"] == 2


@pytest.mark.parametrize("file_id", ["", "../v1/files", "a b", "a\0b", "x" * 65, "é"])
def test_what_cannot_be_an_id_is_not_even_asked_about(
    standin: RunningStandIn, file_id: str
) -> None:
    with pytest.raises(FileIdMalformed):
        ask(standin, details(file_id))
    assert standin.calls() == {}


def test_an_id_that_imagekit_does_not_understand_is_malformed(standin: RunningStandIn) -> None:
    with pytest.raises(FileIdMalformed):
        ask(standin, details("nonsense"))


def test_a_search_that_is_not_understood_is_no_malformed_id(standin: RunningStandIn) -> None:
    standin.fault(LIST, status=400)
    with pytest.raises(ImageKitError) as raised:
        ask(standin, lambda client: client.find_file("/a", "one.mp4"))
    assert type(raised.value) is ImageKitError


@pytest.mark.parametrize("status", [429, 500, 502, 503, 409, 418])
def test_faults_on_their_side_mean_ask_again_later(standin: RunningStandIn, status: int) -> None:
    standin.fault(DETAILS, status=status)
    with pytest.raises(ImageKitUnavailable, match=str(status)):
        ask(standin, details(UNKNOWN_ID))


def test_a_429_says_when_to_ask_again(standin: RunningStandIn) -> None:
    standin.fault(DETAILS, status=429, reset_ms=1500)
    with pytest.raises(ImageKitUnavailable) as raised:
        ask(standin, details(UNKNOWN_ID))
    assert raised.value.retry_after == 1.5


def test_a_short_fault_is_tried_again_by_itself(standin: RunningStandIn, phone: Phone) -> None:
    file_id = phone.upload()["fileId"]
    standin.fault(DETAILS, status=503)
    assert ask(standin, details(file_id), max_retries=1)["fileId"] == file_id


def test_a_slow_answer_is_given_up(standin: RunningStandIn) -> None:
    standin.fault(DETAILS, delay=3)
    began = time.monotonic()
    with pytest.raises(ImageKitUnavailable, match="in time"):
        ask(standin, details(UNKNOWN_ID), timeout=0.3)
    assert time.monotonic() - began < 2


def test_a_lost_connection_means_ask_again_later(standin: RunningStandIn) -> None:
    standin.fault(DETAILS, drop="before")
    with pytest.raises(ImageKitUnavailable, match="reached"):
        ask(standin, details(UNKNOWN_ID))


def test_a_refused_connection_means_ask_again_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    async def asked() -> None:
        known = account(f"http://127.0.0.1:{port}", "private_test")
        async with ImageKitClient(known, max_retries=0) as client:
            await client.get_file(UNKNOWN_ID)

    with pytest.raises(ImageKitUnavailable, match="reached"):
        asyncio.run(asked())


def test_a_wrong_key_is_refused_and_never_shown(
    standin: RunningStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = "private_wrong_key"
    with pytest.raises(ImageKitRefused, match="403") as raised:
        ask(standin, details(UNKNOWN_ID), key=key)
    told = "".join(traceback.format_exception(raised.value)) + caplog.text + repr(raised.value)
    assert key not in told
    # Nor as the header that carries it.
    assert "cHJpdmF0ZV93cm9uZ19rZXk" not in told
    assert raised.value.__suppress_context__


def test_a_disabled_account_is_refused(standin: RunningStandIn) -> None:
    standin.fault(DETAILS, status=401)
    with pytest.raises(ImageKitRefused, match="401"):
        ask(standin, details(UNKNOWN_ID))


@contextmanager
def answering(body: bytes, content_type: str) -> Iterator[str]:
    """A server that gives every request one and the same answer."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {len(body)}\r\n"

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(f"{head}connection: close\r\n\r\n".encode() + body)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>Sign in to the network</html>", "text/html"),
        (b"{", "application/json"),
        (b'"a text"', "application/json"),
        (b"\xff\xfe", "application/json"),
    ],
)
@pytest.mark.parametrize("search", [True, False])
def test_an_answer_that_is_not_imagekits_means_ask_again_later(
    body: bytes, content_type: str, search: bool
) -> None:
    async def asked(base: str) -> Any:
        async with ImageKitClient(account(base, "private_test"), max_retries=0) as client:
            if search:
                return await client.find_file("/a", "one.mp4")
            return await client.get_file(UNKNOWN_ID)

    with answering(body, content_type) as base, pytest.raises(ImageKitUnavailable):
        asyncio.run(asked(base))


def test_the_address_is_the_accounts_own_whatever_the_environment_says(
    standin: RunningStandIn, phone: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IMAGE_KIT_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("IMAGEKIT_PRIVATE_KEY", str(tmp_path))
    file_id = phone.upload()["fileId"]
    assert ask(standin, details(file_id))["fileId"] == file_id
