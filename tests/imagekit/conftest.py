"""The stand-in these tests talk to, and the phone they upload with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from imagekitio import ImageKit

from tests.imagekit.phone import Phone
from tests.imagekit.running import RunningStandIn, running_standin

VECTORS = Path(__file__).parent / "imagekit-vectors.json"


@pytest.fixture(scope="session")
def vectors() -> dict[str, Any]:
    """The collected test vectors of the protocol."""
    collected: dict[str, Any] = json.loads(VECTORS.read_text())
    return collected


@pytest.fixture(scope="session")
def _standin_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandIn]:
    with running_standin(tmp_path_factory.mktemp("imagekit")) as standin:
        yield standin


@pytest.fixture(scope="session")
def collected_standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStandIn]:
    """A stand-in whose key is the one most of the vectors were signed with."""
    directory = tmp_path_factory.mktemp("imagekit-collected")
    with running_standin(directory, private_key="private_key_test") as standin:
        yield standin


@pytest.fixture
def standin(_standin_process: RunningStandIn) -> RunningStandIn:
    """An empty stand-in with the usual limits."""
    _standin_process.control("POST", "/reset")
    return _standin_process


@pytest.fixture
def phone(standin: RunningStandIn) -> Phone:
    """A client that uploads with signatures and knows no private key of its own accord."""
    return Phone(standin)


@pytest.fixture
def sdk(standin: RunningStandIn) -> Iterator[ImageKit]:
    """The official SDK, as a server uses it."""
    with ImageKit(
        private_key=standin.private_key, base_url=standin.base_url, max_retries=0
    ) as client:
        yield client
