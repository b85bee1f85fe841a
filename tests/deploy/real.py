"""This project's own folder, deployed as `make deploy` does it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def deploy(
    url: str,
    *words: str,
    environment: dict[str, str] | None = None,
    checkout: Path = ROOT,
) -> subprocess.CompletedProcess[str]:
    """Run `python -m db.deploy` of a checkout in a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", "db.deploy", *words, url],
        cwd=checkout,
        env=kept | (environment or {}),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
