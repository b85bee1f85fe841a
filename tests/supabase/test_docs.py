"""docs/supabase.md: its commands are run as they stand, its program is compiled."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from dev.stack import paths
from tests.supabase.cli import MANIFEST, packages
from tests.supabase.conftest import Compile, New, on_one_server

TEXT = (paths.ROOT / "docs" / "supabase.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The code of one language, a text for each block."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```", TEXT, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.strip() for line in block.splitlines()) for block in found]


def test_it_names_the_cli_that_is_tested() -> None:
    versions = set(re.findall(r"npx supabase@(\S+)", TEXT))
    assert versions == {json.loads(MANIFEST.read_text())["dependencies"]["supabase"]}


@pytest.mark.slow
@on_one_server
def test_its_commands_succeed_one_after_the_other(new_project: New, tmp_path: Path) -> None:
    project = new_project()
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    exported = {match[1] for line in lines if (match := re.match(r"export (\w+)='.*'$", line))}
    values = project.environment() | {
        "DATABASE_URL": f"{project.owner_url}?sslmode=disable",
        "IMAGEKIT_URL_ENDPOINT": "https://ik.imagekit.io/demo",
    }
    assert exported == values.keys()
    commands = [line for line in lines if not line.startswith("export ")]
    assert len(commands) > 5
    program = packages() / "node_modules" / ".bin" / "supabase"
    for command in commands:
        if " db lint " in command and not project.server.has("plpgsql_check"):
            continue
        done = subprocess.run(
            ["bash", "-euc", re.sub(r"^npx supabase@\S+", str(program), command)],
            cwd=paths.ROOT,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                "SUPABASE_TELEMETRY_DISABLED": "1",
                "SUPABASE_YES": "1",
                **values,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


@pytest.mark.slow
def test_its_program_compiles(compile_program: Compile) -> None:
    (program,) = blocks("ts")
    done = compile_program(program=program)
    assert done.returncode == 0, done.stdout
