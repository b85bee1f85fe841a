"""Which commit the files come from."""

import os
import subprocess
from pathlib import Path


def git_commit(folder: Path) -> str | None:
    """The commit of a folder, with -dirty when files differ; $GIT_COMMIT outside of git."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        answer = subprocess.run(
            [*command, "--abbrev=40"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return os.environ.get("GIT_COMMIT")
    return answer.stdout.strip() or None
