"""Packages from npm: pinned by a `package.json` of the checkout, installed below `.local`."""

import shutil
from pathlib import Path

from dev.stack import console
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL

LOG = LOCAL / "log" / "install.log"
OPTIONS = (
    *("--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"),
    # Whoever is offline is not to wait for minutes.
    *("--fetch-retries=1", "--fetch-timeout=20000"),
)


def is_installed(manifest: Path, home: Path) -> bool:
    """Tell whether `home` has what `manifest` names."""
    mark = home / "installed.json"
    wanted = manifest.read_text(encoding="utf-8")
    return mark.exists() and mark.read_text(encoding="utf-8") == wanted


def install(manifest: Path, home: Path) -> None:
    """Have it there; StackError says why not."""
    if is_installed(manifest, home):
        return
    npm = shutil.which("npm")
    if npm is None:
        raise StackError("npm is not here.", advice="Debian: apt-get install npm")
    home.mkdir(parents=True, exist_ok=True)
    wanted = manifest.read_text(encoding="utf-8")
    (home / "package.json").write_text(wanted, encoding="utf-8")
    console.run_quietly([npm, "install", *OPTIONS], log=LOG, cwd=home)
    (home / "installed.json").write_text(wanted, encoding="utf-8")
