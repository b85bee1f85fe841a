"""The real Supabase CLI, from npm, without Docker and without an account."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.stack import paths
from tests.support import npm
from tests.support.server import Database

MANIFEST = Path(__file__).parent / "package.json"


def packages() -> Path:
    """The folder with the CLI, supabase-js and TypeScript in the versions of package.json."""
    return npm.installed(MANIFEST, "supabase-tools")


@dataclass(frozen=True)
class Cli:
    """The CLI, run in a checkout against one database."""

    program: Path
    home: Path
    database: Database
    checkout: Path = paths.ROOT

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command; nothing is asked back, and nothing told to Supabase."""
        return subprocess.run(
            [str(self.program), *words, f"--remote={self.database.owner_url}?sslmode=disable"],
            cwd=self.checkout,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "SUPABASE_TELEMETRY_DISABLED": "1",
                "SUPABASE_YES": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def says(self, *words: str) -> str:
        """What a command says that must succeed."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def results(self, *words: str) -> list[dict[str, Any]]:
        """What a command that lists findings finds."""
        done = self.run(*words, "--fail-on", "none", "--output-format", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        found = json.loads(done.stdout)["results"]
        assert isinstance(found, list)
        return found
