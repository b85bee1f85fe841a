"""Which operating-system account runs the database server.

PostgreSQL refuses to run as root, so root hands the server to the account of the Postgres
package. That account may be unable to reach a checkout under a private home; then the data
lives where it can.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
from pathlib import Path

from dev.stack.errors import StackError

SERVER_ACCOUNT = "postgres"


def server_account() -> str | None:
    """Return the account the server must run as, or None when that is the caller's own."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        message = f"As root the database runs as the account '{SERVER_ACCOUNT}', which is not here."
        advice = f"Create it (useradd --system {SERVER_ACCOUNT}), or run this as another user."
        raise StackError(message, advice=advice) from None
    return SERVER_ACCOUNT


def as_account(account: str | None) -> list[str]:
    """Return the words that start a program as `account`; none for the caller's own."""
    if account is None:
        return []
    if shutil.which("runuser"):
        return ["runuser", "-u", account, "--"]
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--init-groups", "--"]


def can_enter(account: str | None, folder: Path) -> bool:
    """Tell whether `account` can work below `folder`."""
    if account is None:
        return os.access(folder, os.X_OK)
    command = [*as_account(account), "test", "-x", str(folder)]
    return subprocess.run(command, cwd="/", check=False).returncode == 0


def reachable_folder(home: Path, account: str | None, fallback: Path) -> Path:
    """Return where the server's files go: `home`, or a folder of `fallback` named after it."""
    home.mkdir(parents=True, exist_ok=True)
    if can_enter(account, home):
        return home
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    return fallback / f"{home.name}-{digest}"


def give(folder: Path, account: str | None) -> None:
    """Make `folder`, for `account` alone."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    if account is not None:
        shutil.chown(folder, account, account)
