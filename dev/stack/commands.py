"""The command line: `./dev/run <command>`, which the Makefile's targets call."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from dev.stack import (
    binaries,
    console,
    environment,
    interrupts,
    keys,
    local,
    logs,
    packages,
    postgrest,
    suite,
    supabase_js,
    virtualenv,
)
from dev.stack.errors import StackError
from dev.stack.lock import alone
from dev.stack.paths import ROOT
from dev.stack.tokens import user_token


@dataclass(frozen=True)
class Command:
    """What one word does."""

    about: str
    run: Callable[[Sequence[str]], int]


def _run(arguments: Sequence[str]) -> int:
    began = time.monotonic()
    with alone():
        postgrest.fetched_if_possible()
        supabase_js.fetched_if_possible()
        stack = local.prepared()
        if stack.is_running():
            stack.update()
            print("The stack runs already; `make stop` stops it.")
            _print_addresses(stack)
            return 0
        if "--detach" in arguments:
            stack.start()
    if "--detach" not in arguments:
        return _watch(stack, began)
    _print_ready(stack, began)
    return 0


def _watch(stack: local.Stack, began: float) -> int:
    """Start it and show what it logs, until somebody or something ends it."""
    ended: list[str] = []
    try:
        # From here on every way out stops it, also one taken while the first line is printed.
        with alone():
            stack.start()
        _print_ready(stack, began)
        print("\nCtrl-C stops it. What follows is what it logs.\n", flush=True)
        with suppress(KeyboardInterrupt):
            ended = logs.follow(stack.services())
    finally:
        with interrupts.held(), alone():
            stopped = stack.stop()
    # Nothing is said before all is stopped: the terminal may be gone.
    with suppress(OSError):
        for name in ended:
            print(f"{name} has ended by itself; its log is .local/log/{name}.log", file=sys.stderr)
        print(f"\nstopped: {', '.join(stopped)}" if stopped else "\nstopped", flush=True)
    return 1 if ended else 0


def _print_ready(stack: local.Stack, began: float) -> None:
    print(f"\nReady after {time.monotonic() - began:.1f} s.")
    _print_addresses(stack)


def _print_addresses(stack: local.Stack) -> None:
    token = user_token("ada", stack.environment.keys.jwt_secret)
    print(
        f"""
  demo page        {stack.environment.api_url}/
  API              {stack.environment.api_url}/api/videos/feed
  its description  {stack.environment.api_url}/api/docs
  ImageKit         {stack.environment.imagekit_url} (stand-in)
  psql             {stack.psql_command()}
  variables        .local/stack.env
  token of ada     {token}

  make demo walks the main road; make token USER=bob signs somebody else in.""",
        flush=True,
    )


def _stop(_: Sequence[str]) -> int:
    servers = binaries.installed()
    with alone():
        stopped = local.Stack(servers[0]).stop() if servers else []
    print(f"stopped: {', '.join(stopped)}" if stopped else "nothing was running")
    return 0


def _reset(_: Sequence[str]) -> int:
    servers = binaries.installed()
    with alone():
        if servers:
            local.Stack(servers[0]).reset()
    print("Database, uploaded files and keys are gone; `make run` makes new ones.")
    return 0


def _psql(arguments: Sequence[str]) -> int:
    stack = local.prepared()
    if not stack.cluster.is_running():
        raise StackError("The database does not run.", advice="`make run` starts it.")
    command = stack.cluster.psql(*arguments, user="postgres")
    return become(command, stack.cluster.binaries.child_environment())


def _token(arguments: Sequence[str]) -> int:
    if not keys.FILE.exists():
        raise StackError("There are no keys yet.", advice="`make run` makes them.")
    print(user_token(arguments[0] if arguments else "ada", keys.kept().jwt_secret))
    return 0


def _in_venv(*module: str) -> Callable[[Sequence[str]], int]:
    """Return a command that runs a Python module against the database that is meant."""

    def run(arguments: Sequence[str]) -> int:
        virtualenv.ensure(virtualenv.RUNTIME)
        variables = dict(os.environ)
        if not variables.get("DATABASE_URL"):
            stack = environment.read()
            if not stack:
                raise StackError(
                    "No database is named and no local stack was ever started.",
                    advice="Set DATABASE_URL=..., or `make run` first.",
                )
            variables |= local.prepared().environment.of_deploy() | stack
        command = [str(virtualenv.PYTHON), "-m", *module, *arguments]
        os.chdir(ROOT)
        return become(command, variables)

    return run


def become(command: Sequence[str], variables: Mapping[str, str]) -> NoReturn:
    """Go on as another program, which then has the terminal and Ctrl-C to itself."""
    sys.stdout.flush()
    os.execve(command[0], list(command), dict(variables))


def _worker(arguments: Sequence[str]) -> int:
    virtualenv.ensure(virtualenv.RUNTIME)
    variables = dict(os.environ)
    if not variables.get("API_DATABASE_URL_MEDIA"):
        if not environment.read():
            raise StackError(
                "No database is named and no local stack was ever started.",
                advice="Set the variables of .env.example, or `make run` first.",
            )
        variables = local.prepared().environment.of_api()
    command = [str(virtualenv.PYTHON), "-m", "api.media", "worker", *arguments]
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode


def _developing(*module: str) -> Callable[[Sequence[str]], int]:
    """Return a command that runs a Python module which brings its own servers."""

    def run(arguments: Sequence[str]) -> int:
        packages.ensure()
        virtualenv.ensure(virtualenv.DEVELOPMENT)
        os.chdir(ROOT)
        command = [str(virtualenv.PYTHON), "-m", *module, *arguments]
        return become(command, os.environ)

    return run


def _generate(module: str, file: str) -> Callable[[Sequence[str]], int]:
    """Return a command that writes one of the files that are made from the database."""

    def run(_: Sequence[str]) -> int:
        virtualenv.ensure(virtualenv.RUNTIME)
        variables = {**environment.read(), **os.environ}
        command = [str(virtualenv.PYTHON), "-m", module]
        done = subprocess.run(
            command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise StackError(f"{file} could not be made:", advice=done.stderr.strip())
        (ROOT / file).write_text(done.stdout, encoding="utf-8")
        print(f"{file} is written.")
        return 0

    return run


def _install(_: Sequence[str]) -> int:
    server = packages.ensure()
    virtualenv.ensure(virtualenv.DEVELOPMENT)
    postgrest.fetched_if_possible()
    print(f"PostgreSQL {server.version} in {server.folder}; Python in {virtualenv.FOLDER}")
    return 0


def _lock(_: Sequence[str]) -> int:
    virtualenv.ensure(virtualenv.DEVELOPMENT)
    return virtualenv.lock()


def _verdict(passed: bool) -> int:
    return 0 if passed else 1


COMMANDS = {
    "run": Command("start everything here; Ctrl-C stops it (--detach: leave it running)", _run),
    "stop": Command("stop what `run` has started", _stop),
    "reset": Command("start over: delete the local database, files and keys", _reset),
    "demo": Command("walk the main road against the running stack", _in_venv("dev.demo")),
    "psql": Command("look into the local database as its owner", _psql),
    "token": Command("print an access token of a user, ada unless named", _token),
    "test": Command("run every rule once, from nothing", lambda a: _verdict(suite.test(*a))),
    "test-all": Command(
        "test, slow tests, and Postgres 16 and 17", lambda _: _verdict(suite.test_all())
    ),
    "lint": Command("let the linters read the code", lambda _: _verdict(suite.lint())),
    "fmt": Command("let the formatters change it", lambda _: _verdict(suite.format_code())),
    "deploy": Command("bring a database up to the files in db/", _in_venv("db.deploy")),
    "check": Command("show what a deploy would change", _in_venv("db.deploy", "--check")),
    "verify": Command("find what somebody changed by hand", _in_venv("db.deploy", "verify")),
    "status": Command("tell what is deployed", _in_venv("db.deploy", "status")),
    "audit": Command(
        "list what is wrong with a database, and who may do what", _in_venv("db.audit")
    ),
    "maintenance": Command("run the timetable once, without cron", _in_venv("dev.maintenance")),
    "worker": Command("delete at ImageKit what is ordered, until stopped", _worker),
    "mutate": Command(
        "take the database's rules away, one at a time", _developing("tests.mutation")
    ),
    "behaviour": Command(
        "write down what everybody gets, whatever he tries", _developing("tests.behaviour")
    ),
    "bench-counters": Command(
        "measure likes of one video, and what counting costs", _developing("bench.counters")
    ),
    "bench-retention": Command(
        "measure how a day goes (--scale 0.1: less)", _developing("bench.retention")
    ),
    "bench-feed": Command(
        "measure pages of the feed, by depth and size", _developing("bench.feed")
    ),
    "bench-functions": Command(
        "measure how many calls the database carries", _developing("bench.functions")
    ),
    "bench-media": Command("measure how files are deleted", _developing("bench.media")),
    "bench-realtime": Command(
        "measure how a thousand sockets hear of changes", _developing("bench.realtime")
    ),
    "catalog": Command(
        "write db/catalog.md from the database", _generate("db.catalog", "db/catalog.md")
    ),
    "permissions": Command(
        "write db/permissions.tsv: who may do what",
        _generate("db.permissions", "db/permissions.tsv"),
    ),
    "types": Command(
        "write clients/database.types.ts: the database in TypeScript",
        _generate("db.types", "clients/database.types.ts"),
    ),
    "install": Command("bring the programs and packages, and nothing else", _install),
    "lock": Command("pin the Python packages anew", _lock),
}


def _help() -> None:
    print("./dev/run <command>, or make <command>:\n")
    for name, command in COMMANDS.items():
        print(f"  {name:<16} {command.about}")
    others = "deploy, check, verify, status, audit and maintenance"
    print(f"\n{others} take DATABASE_URL=... for another one.")


def main() -> int:
    """Run the command named on the command line; the result is the exit code."""
    interrupts.install()
    name, *arguments = sys.argv[1:] or ["help"]
    if name in {"help", "-h", "--help"}:
        _help()
        return 0
    if name not in COMMANDS:
        print(f"There is no command {name}.\n", file=sys.stderr)
        _help()
        return 2
    try:
        return COMMANDS[name].run(arguments)
    except StackError as error:
        console.complain(error)
        return 1
    except BrokenPipeError:
        # Whoever read has seen enough, and what we were doing is not finished.
        interrupts.fall_silent()
        return 1
    except KeyboardInterrupt:
        return 130
