"""Watching the stack: what is shown of its logs, and that nobody watching ends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev.stack.logs import readable

ROOT = Path(__file__).parents[2]


def test_a_request_is_one_short_line() -> None:
    entry = {
        "time": "2026-11-24T09:45:07.583+00:00",
        "level": "info",
        "logger": "api.access",
        "message": "request",
        "method": "POST",
        "route": "/api/videos",
        "status": 404,
        "ms": 2.9,
        "request_id": "5a5e55886d554d38b9554fb1b1dc082b",
        "role": "authenticated",
    }
    assert readable(json.dumps(entry)) == "09:45:07 POST /api/videos 404 2.9 authenticated"


def test_a_warning_says_so_and_keeps_all_it_knows() -> None:
    entry = {"time": "2026-11-24T09:45:07Z", "level": "warning", "message": "full", "waiting": 3}
    assert readable(json.dumps(entry)) == "09:45:07 WARNING full waiting=3"


@pytest.mark.parametrize("line", ["Traceback (most recent call last):", "[1, 2]", "3", "", "{"])
def test_what_is_no_entry_is_shown_as_it_is(line: str) -> None:
    assert readable(line) == line


def watched_through_a_pipe(reader_leaves: bool) -> str:
    """What a process finds out about its reader."""
    read_end, write_end = os.pipe()
    if reader_leaves:
        os.close(read_end)
    program = "import sys; from dev.stack import interrupts as i; sys.exit(3 + i.is_watched())"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, stdout=write_end, check=False)
    os.close(write_end)
    if not reader_leaves:
        os.close(read_end)
    return {3: "nobody", 4: "somebody"}[done.returncode]


def test_a_reader_who_leaves_is_noticed() -> None:
    assert watched_through_a_pipe(reader_leaves=False) == "somebody"
    assert watched_through_a_pipe(reader_leaves=True) == "nobody"
