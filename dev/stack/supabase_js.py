"""The Supabase client for browsers, as npm delivers it. Only the demo page misses it."""

import json
from pathlib import Path

from dev.stack import console, npm
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL, ROOT

MANIFEST = ROOT / "dev" / "page" / "package.json"
NAME = "@supabase/supabase-js"
HOME = LOCAL / "supabase-js"
INSTEAD = "All but the demo page runs without it (Debian: apt-get install npm)."


def version() -> str:
    """Return the version that the page is written for."""
    named: str = json.loads(MANIFEST.read_text(encoding="utf-8"))["dependencies"][NAME]
    return named


def bundle() -> Path:
    """Return where the one file is that a browser loads."""
    return HOME / version() / "package" / "dist" / "umd" / "supabase.js"


def fetched() -> Path:
    """Return that file, from npm when it is not here; StackError says what is missing."""
    folder = HOME / version()
    if not (folder / "ready").exists():
        program = npm.require("supabase-js", advice=INSTEAD)
        with console.step("supabase-js") as step:
            npm.unpack(program, f"{NAME}@{version()}", folder)
            (folder / "ready").touch()
            step.says(version())
    return bundle()


def fetched_if_possible() -> None:
    """Have the file here; without it say in one line what is missing, and go on."""
    try:
        fetched()
    except StackError as error:
        # Of what npm has to say the first line.
        reason = " ".join([error.message, *error.advice.splitlines()[:1]])
        print(f"  note: {reason}", flush=True)
