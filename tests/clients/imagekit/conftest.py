"""ImageKit's SDKs for JavaScript, installed once, and how to run the programs beside this file."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.imagekit.signing import sign_v1
from dev.stack import paths
from tests.imagekit.running import RunningStandIn
from tests.support import npm

HERE = Path(__file__).parent
SAMPLES = paths.ROOT / "dev" / "imagekit" / "samples"
# All that `imagekitio[webhooks]` has more than `imagekitio`.
WEBHOOKS_EXTRA = "standardwebhooks==1.1.0"

Run = Callable[..., Any]


@pytest.fixture(scope="session")
def packages() -> Path:
    """The SDKs in the versions that package.json names."""
    return npm.installed(HERE / "package.json", "clients")


@pytest.fixture(scope="session")
def webhooks_extra() -> Path:
    """A folder with what the Python SDK needs to verify webhooks, and the project does not."""
    home = paths.local_folder("clients") / WEBHOOKS_EXTRA
    if not (home / "standardwebhooks").exists():
        options = ["--quiet", "--no-deps", "--disable-pip-version-check", "--target", str(home)]
        subprocess.run(
            [sys.executable, "-m", "pip", "install", *options, WEBHOOKS_EXTRA], check=True
        )
    return home


@pytest.fixture
def run(packages: Path, imagekit: RunningStandIn) -> Run:
    """Run one of the programs beside this file; gives what it says."""

    def run_program(name: str, **more: str) -> Any:
        done = subprocess.run(
            ["node", str(HERE / name)],
            env={
                "PATH": os.environ["PATH"],
                "CLIENTS": str(packages),
                "SAMPLES": str(SAMPLES),
                "IMAGEKIT_BASE": imagekit.base_url,
                "IMAGEKIT_URL_ENDPOINT": imagekit.url_endpoint,
                "IMAGEKIT_PUBLIC_KEY": imagekit.public_key,
                "IMAGEKIT_PRIVATE_KEY": imagekit.private_key,
                **more,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    return run_program


@pytest.fixture
def signed(imagekit: RunningStandIn) -> str:
    """What the API's V1 answer gives a client: token, expire and signature."""
    token, expire = secrets.token_hex(16), int(time.time()) + 600
    signature = sign_v1(imagekit.private_key, token, expire)
    return json.dumps({"token": token, "expire": expire, "signature": signature})
