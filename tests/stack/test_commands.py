"""The command line: the Makefile only delegates, and every command is described."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from dev.stack.commands import COMMANDS

ROOT = Path(__file__).parents[2]


def answer(*command: str) -> subprocess.CompletedProcess[str]:
    # `make test` leaves word for the makes below it, which these are not.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command, cwd=ROOT, env=inherited, capture_output=True, text=True, check=False
    )


def test_make_alone_prints_every_target() -> None:
    printed = answer("./dev/run").stdout
    assert [name for name in COMMANDS if f"  {name} " not in printed] == []


def test_every_target_is_a_command_and_does_nothing_else() -> None:
    makefile = (ROOT / "Makefile").read_text()
    recipes = dict(re.findall(r"^([a-z-]+):\n\t@\./dev/run ([a-z-]+)", makefile, re.MULTILINE))
    assert recipes.pop("help") == "help"
    assert recipes == {name: name for name in COMMANDS}


def test_an_unknown_command_is_refused_with_the_list() -> None:
    said = answer("./dev/run", "dance")
    assert said.returncode == 2
    assert "no command dance" in said.stderr
    assert "make <command>" in said.stdout


def test_a_user_is_named_to_make_and_never_taken_from_the_shell() -> None:
    dry = answer("env", "USER=root", "make", "-n", "token").stdout
    assert dry.strip() == "./dev/run token 'ada'"
    named = answer("make", "-n", "token", "USER=bob").stdout
    assert named.strip() == "./dev/run token 'bob'"
