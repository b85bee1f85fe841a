"""The Python SDK as a client that signs; as a server it is at work in all of tests/imagekit."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import imagekitio
import pytest
from imagekitio import AsyncImageKit, ImageKit, Omit

from tests.clients.imagekit.conftest import SAMPLES
from tests.clients.imagekit.webhooks import ours, standard_webhooks
from tests.imagekit.listener import SECRET
from tests.imagekit.running import RunningStandIn

pytestmark = pytest.mark.slow

UNWRAP = """
import json, sys
from imagekitio import ImageKit

sdk = ImageKit(private_key="private_test", webhook_secret=sys.argv[1])
verdicts = []
for webhook in json.load(sys.stdin):
    try:
        verdicts.append(sdk.webhooks.unwrap(webhook["body"], headers=webhook["headers"]).id)
    except Exception:
        verdicts.append(None)
print(json.dumps(verdicts))
"""


def options(imagekit: RunningStandIn, signed: str) -> dict[str, Any]:
    """An upload signed elsewhere, which must not carry the private key as well."""
    return {
        **json.loads(signed),
        "public_key": imagekit.public_key,
        "file": SAMPLES / "sample.mp4",
        "file_name": "p.mp4",
        "folder": "/p",
        "extra_headers": {"Authorization": Omit()},
    }


def test_it_uploads_with_a_signature_once(imagekit: RunningStandIn, signed: str) -> None:
    with ImageKit(private_key="none", base_url=imagekit.base_url, max_retries=0) as sdk:
        done = sdk.files.upload(**options(imagekit, signed))
        assert (done.duration, str(done.file_path).split("/")[1]) == (2, "p")
        with pytest.raises(imagekitio.BadRequestError, match="has been used before"):
            sdk.files.upload(**options(imagekit, signed))


def test_it_does_so_asynchronously_as_well(imagekit: RunningStandIn, signed: str) -> None:
    async def upload() -> None:
        async with AsyncImageKit(
            private_key="none", base_url=imagekit.base_url, max_retries=0
        ) as sdk:
            done = await sdk.files.upload(**options(imagekit, signed))
            assert (done.duration, str(done.file_path).split("/")[1]) == (2, "p")
            with pytest.raises(imagekitio.BadRequestError, match="has been used before"):
                await sdk.files.upload(**options(imagekit, signed))

    asyncio.run(upload())


def test_it_judges_webhooks_as_we_do(webhooks_extra: Path) -> None:
    webhooks = standard_webhooks()
    done = subprocess.run(
        [sys.executable, "-c", UNWRAP, SECRET],
        input=json.dumps(webhooks),
        env={**os.environ, "PYTHONPATH": str(webhooks_extra)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)
    assert verdicts == ours(webhooks)
    assert verdicts == ["evt_1"] * 5 + [None] * 12
