"""ImageKit's SDKs for JavaScript, and the README's upload, unmodified against the stand-in."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.imagekit.signing import sign_v1
from dev.stack import paths

HERE = Path(__file__).parent
SAMPLES = paths.ROOT / "dev" / "imagekit" / "samples"
NODE, NPM = shutil.which("node"), shutil.which("npm")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (NODE and NPM), reason="THE JAVASCRIPT SDKS ARE NOT TESTED: there is no node here"
    ),
]
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def packages() -> Path:
    """The SDKs in the versions that package.json names, installed once."""
    home = paths.local_folder("clients")
    wanted = (HERE / "package.json").read_text()
    installed = home / "installed.json"
    if not installed.exists() or installed.read_text() != wanted:
        (home / "package.json").write_text(wanted)
        options = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        subprocess.run([str(NPM), "install", *options], cwd=home, check=True, capture_output=True)
        installed.write_text(wanted)
    return home


@pytest.fixture
def run(packages: Path, imagekit: Any) -> Run:
    """Run one of the programs beside this file; gives what it says."""

    def run_program(name: str, **more: str) -> dict[str, Any]:
        done = subprocess.run(
            [str(NODE), str(HERE / name)],
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
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    return run_program


@pytest.fixture
def signed(imagekit: Any) -> str:
    """What the seed's route gave a browser: token, expire and signature, V1."""
    token, expire = secrets.token_hex(16), int(time.time()) + 600
    signature = sign_v1(imagekit.private_key, token, expire)
    return json.dumps({"token": token, "expire": expire, "signature": signature})


def test_the_server_sdk_uploads_lists_and_deletes(run: Run) -> None:
    assert run("nodejs.mjs") == {
        "path": "/n/first.jpg",
        "listed": 2,
        "refused": [404, ["f" * 24]],
        "deleted": 1,
        "again": 404,
    }


def test_the_browser_sdk_uploads_once_with_a_signature(run: Run, signed: str) -> None:
    said = run("javascript.mjs", SIGNED=signed)
    assert "has been used before" in said.pop("again")
    assert said == {"folder": "j", "type": "image", "progressed": True}


def test_the_sdk_of_react_native_apps_uploads_with_a_signature(run: Run, signed: str) -> None:
    said = run("classic.mjs", SIGNED=signed)
    assert said["folder"] == "c"
    assert "signature" in said["refused"]


def test_the_older_server_sdk_uploads_with_the_private_key(run: Run) -> None:
    assert run("legacy.mjs") == {"path": "/l/l.jpg", "signed": ["expire", "signature", "token"]}


def test_the_upload_of_the_readme_works_as_it_stands_there(run: Run, api: Any) -> None:
    said = run(
        "readme.mjs",
        README=str(paths.ROOT / "README.md"),
        API_URL=api.url,
        TOKEN=api.token("readme-reader"),
    )
    played = httpx.get(said.pop("url"), headers={"Range": "bytes=0-9"})
    assert (played.status_code, len(played.content)) == (206, 10)
    assert said == {"title": "from the README", "likes": 0, "progressed": True}
