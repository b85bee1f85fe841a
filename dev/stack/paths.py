"""Where things are: the checkout, and the one folder everything local lives in."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

LOCAL = ROOT / ".local"
"""Everything that belongs to this machine alone. Ignored by git, safe to delete when stopped."""


def local_folder(name: str) -> Path:
    """Return a folder of `.local`, made when it is not there."""
    folder = LOCAL / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_private(path: Path, text: str) -> None:
    """Replace a file's content in one step; nobody but its owner can ever read it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.chmod(0o600)
    draft.replace(path)
