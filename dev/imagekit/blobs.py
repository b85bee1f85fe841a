"""The contents of files, on disk under names of their own.

A blob is complete before the database knows its name, and the database forgets it before it is
unlinked. Being killed in between leaves a stray file, never a record without its contents, and
the next start removes the strays.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path


class Blobs:
    """A directory of finished blobs and one of those still arriving."""

    def __init__(self, directory: Path) -> None:
        """Make the two directories below ``directory``."""
        self._kept = directory / "blobs"
        self._incoming = directory / "incoming"
        self._kept.mkdir(parents=True, exist_ok=True)
        self._incoming.mkdir(parents=True, exist_ok=True)

    def incoming(self) -> Path:
        """A path for contents that are about to arrive."""
        return self._incoming / secrets.token_hex(16)

    def keep(self, incoming: Path) -> str:
        """Move complete contents in and return the blob's name."""
        name = secrets.token_hex(16)
        destination = self.path(name)
        destination.parent.mkdir(exist_ok=True)
        incoming.replace(destination)
        return name

    def link(self, contents: Path) -> str:
        """Make a blob of a file that stays where it is, without copying where that is possible."""
        incoming = self.incoming()
        try:
            incoming.hardlink_to(contents)
        except OSError:
            # Another file system, or one without links.
            shutil.copyfile(contents, incoming)
        return self.keep(incoming)

    def path(self, name: str) -> Path:
        """Where a blob lies."""
        # 256 directories, so that none of them has a hundred thousand entries.
        return self._kept / name[:2] / name

    def drop(self, names: Iterable[str]) -> None:
        """Remove blobs the database no longer knows."""
        for name in names:
            self.path(name).unlink(missing_ok=True)

    def sweep(self, known: set[str]) -> int:
        """Remove what no record knows, as after a crash; returns how many files that were."""
        strays = [path for path in self._incoming.iterdir() if path.is_file()]
        strays += [path for path in self._kept.glob("*/*") if path.name not in known]
        for path in strays:
            path.unlink(missing_ok=True)
        return len(strays)
