"""ImageKit's SDKs for JavaScript, and the README's upload, unmodified against the stand-in."""

from __future__ import annotations

import json
import shutil

import httpx
import pytest

from api.imagekit.signing import sign_v1
from dev.stack import paths
from tests.clients.imagekit.conftest import SAMPLES, Run
from tests.clients.imagekit.webhooks import BODY, ours, standard_webhooks, webhook
from tests.conftest import RunningApi
from tests.imagekit.listener import SECRET, listening
from tests.imagekit.running import RunningStandIn

if not (shutil.which("node") and shutil.which("npm")):
    pytest.skip(
        "IMAGEKIT'S JAVASCRIPT SDKS ARE NOT TESTED: there is no node with npm here",
        allow_module_level=True,
    )

pytestmark = pytest.mark.slow

devices = pytest.mark.parametrize("device", ["browser", "phone"])


def test_the_server_sdk_does_all_that_a_server_needs(run: Run) -> None:
    said = run("nodejs.mjs")
    assert "both signature and basic auth" in said.pop("both")
    assert said == {
        "path": "/n/first.jpg",
        "listed": 2,
        "refused": [404, ["f" * 24]],
        "deleted": 1,
        "again": 404,
        "asClient": True,
        "statuses": [401, 200],
        "folders": ["below", "empty"],
        "gone": [404, "FOLDER_NOT_FOUND"],
        "purged": "Completed",
    }


def test_the_browser_sdk_uploads_once_with_a_signature(run: Run, signed: str) -> None:
    said = run("javascript.mjs", SIGNED=signed)
    assert "has been used before" in said.pop("again")
    assert said == {"folder": "j", "type": "image", "progressed": True}


@devices
def test_the_sdk_of_react_native_apps_uploads_with_a_signature(
    run: Run, signed: str, device: str
) -> None:
    said = run("classic.mjs", SIGNED=signed, DEVICE=device)
    assert "signature" in said.pop("refused")
    size = (SAMPLES / "thumbnail.jpg").stat().st_size
    assert said == {"folder": "c", "type": "image", "size": size}


def test_the_older_server_sdk_uploads_with_the_private_key(
    run: Run, imagekit: RunningStandIn
) -> None:
    expire = 1_795_350_000
    signature = sign_v1(imagekit.private_key, "token", expire)
    assert run("legacy.mjs") == {
        "path": "/l/l.jpg",
        "statuses": [401, 200, 401],
        "signed": {"token": "token", "expire": expire, "signature": signature},
        "refused": "Missing fileName parameter for upload",
    }


@devices
def test_the_upload_of_the_readme_works_as_it_stands_there(
    run: Run, api: RunningApi, device: str
) -> None:
    said = run(
        "readme.mjs",
        DEVICE=device,
        README=str(paths.ROOT / "README.md"),
        API_URL=api.url,
        TOKEN=api.token("readme-reader"),
    )
    played = httpx.get(said.pop("url"))
    assert played.content == (SAMPLES / "sample.mp4").read_bytes()
    assert said == {"title": "from the README", "likes": 0, "progressed": True}


def test_the_server_sdk_judges_webhooks_as_we_do(run: Run) -> None:
    webhooks = standard_webhooks()
    verdicts = run("webhooks.mjs", SECRET=SECRET, WEBHOOKS=json.dumps(webhooks))
    assert verdicts == ours(webhooks)


def test_the_older_server_sdk_judges_webhooks_of_the_older_style_as_we_do(run: Run) -> None:
    webhooks = [
        webhook("legacy"),
        webhook("legacy", secret="another"),
        webhook("legacy", body=BODY + " "),
        webhook("legacy", x_ik_signature="t=,v1="),
        webhook("legacy", x_ik_signature="v1=" + "0" * 64),
    ]
    verdicts = run("webhooks.mjs", SECRET=SECRET, WEBHOOKS=json.dumps(webhooks))
    assert verdicts == ours(webhooks) == ["evt_1", None, None, None, None]


@pytest.mark.parametrize("style", ["standard", "legacy"])
def test_what_the_stand_in_sends_is_believed_by_the_sdks(
    run: Run, imagekit: RunningStandIn, style: str
) -> None:
    with listening() as listener:
        target = {"url": listener.url, "secret": SECRET, "style": style}
        imagekit.control("PUT", "/webhooks", [target])
        imagekit.control("POST", "/files", {"folder": f"/told-{style}", "names": ["1.mp4"]})
        listener.wait_for(2)
        imagekit.control("PUT", "/webhooks", [])
    heard = [{"headers": headers, "body": body.decode()} for headers, body in listener.heard]
    verdicts = run("webhooks.mjs", SECRET=SECRET, WEBHOOKS=json.dumps(heard))
    assert verdicts == [event["id"] for event in listener.events()]
