"""JavaScript packages for the tests: those of a package.json, in the versions it names."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dev.stack import paths


def installed(package_json: Path, folder: str) -> Path:
    """Return a folder of `.local` with these packages in it, fetched by npm the first time."""
    home = paths.local_folder(folder)
    wanted = package_json.read_text()
    mark = home / "installed.json"
    if not mark.exists() or mark.read_text() != wanted:
        (home / "package.json").write_text(wanted)
        options = ["--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(
            ["npm", "install", *options], cwd=home, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        mark.write_text(wanted)
    return home
