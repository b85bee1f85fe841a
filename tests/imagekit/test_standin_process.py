"""Starting, stopping, killing and starting again."""

from __future__ import annotations

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from imagekitio import ImageKit

from dev.imagekit.app import create_app
from dev.imagekit.settings import ENVIRONMENT_NAMES, ProductionError, Settings
from tests.imagekit.phone import PICTURE, VIDEO, Phone, used_before
from tests.imagekit.running import HTTP, ROOT, command, environment, running_standin


def start_that_fails(data: Path, *arguments: str, **variables: str) -> str:
    """Run a stand-in that gives up at once; what it complains about."""
    done = subprocess.run(
        command(data, *arguments),
        cwd=ROOT,
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_files_and_used_tokens_survive_a_restart(tmp_path: Path, way: str) -> None:
    with running_standin(tmp_path) as standin:
        phone = Phone(standin)
        fields = phone.fields(fileName="ada.mp4", tags="t_1")
        v1, v2 = phone.signed_v1(phone.fields()), phone.signed_v2(fields)
        assert phone.post(1, v1).status_code == 200
        before = phone.post(2, v2).json()
        if way == "kill":
            standin.kill()
    with running_standin(tmp_path) as standin:
        phone = Phone(standin)
        assert phone.refusal(1, v1) == used_before(v1["token"])
        assert phone.refusal(2, v2) == used_before(v2["token"])
        with ImageKit(private_key=standin.private_key, base_url=standin.base_url) as sdk:
            details = sdk.files.get(before["fileId"]).to_dict()
        assert (details["filePath"], details["tags"]) == (before["filePath"], ["t_1"])
        # Addresses are those of the new start, which has another port.
        assert str(details["url"]).startswith(standin.url_endpoint)
        assert HTTP.get(standin.url_endpoint + before["filePath"]).content == VIDEO


def test_being_killed_in_the_middle_of_uploads_leaves_only_whole_files(tmp_path: Path) -> None:
    content = PICTURE + b"x" * 3_000_000

    def upload(phone: Phone) -> bool:
        try:
            return phone.post(2, phone.signed_v2(phone.fields()), content).status_code == 200
        except httpx.TransportError:
            return False

    with running_standin(tmp_path) as standin:
        phone = Phone(standin)
        with ThreadPoolExecutor(4) as threads:
            uploads = [threads.submit(upload, phone) for _ in range(40)]
            # Some have been answered, some are on their way.
            while sum(one.done() for one in uploads) < 6:
                time.sleep(0.005)
            standin.kill()
        answered = sum(one.result() for one in uploads)
    assert 0 < answered < 40
    with running_standin(tmp_path) as standin:
        files = standin.control("GET")["rows"]["files"]
        # Nothing that was answered is lost; what was cut off may just have been finished.
        assert answered <= files <= answered + 4
        assert len(standin.blobs()) == files
        assert all(blob.stat().st_size == len(content) for blob in standin.blobs())
        assert list(standin.data.glob("incoming/*")) == []


def test_what_a_crash_left_lying_about_is_removed_at_the_next_start(tmp_path: Path) -> None:
    with running_standin(tmp_path) as standin:
        url = Phone(standin).upload()["filePath"]
        (kept,) = standin.blobs()
    half, unknown = tmp_path / "incoming" / "half", kept.with_name("unknown")
    for stray in (half, unknown):
        stray.write_bytes(VIDEO)
    with running_standin(tmp_path) as standin:
        assert not half.exists()
        assert standin.blobs() == [kept]
        assert HTTP.get(standin.url_endpoint + url).content == VIDEO


def test_it_is_reached_by_the_address_it_was_told(tmp_path: Path) -> None:
    with running_standin(tmp_path, "--public-base", "http://10.0.2.2:4812/") as standin:
        assert standin.url_endpoint == "http://10.0.2.2:4812/demo"


def test_two_stand_ins_do_not_share_a_directory(tmp_path: Path) -> None:
    with running_standin(tmp_path):
        assert "another stand-in is using" in start_that_fails(tmp_path)
    with running_standin(tmp_path) as standin:
        assert HTTP.get(f"{standin.base_url}/_standin").status_code == 200


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with running_standin(tmp_path / "one") as standin:
        port = str(httpx.URL(standin.base_url).port)
        complaint = start_that_fails(tmp_path / "two", "--port", port)
    assert complaint == (
        f"ImageKit stand-in: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    )


def test_it_does_not_start_in_production(tmp_path: Path) -> None:
    complaint = start_that_fails(tmp_path / "data", ENVIRONMENT="production")
    assert "does not run in production (ENVIRONMENT says so)" in complaint
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ENVIRONMENT_NAMES)
def test_no_application_is_made_in_production_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, " Prod ")
    with pytest.raises(ProductionError):
        create_app(Settings(data=tmp_path, public_base="http://stand.in"))
