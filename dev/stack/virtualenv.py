"""The virtual environment in `.local/venv`, filled from locks with hashes."""

import json
import os
import shutil
import sys
from hashlib import sha256
from pathlib import Path

from dev.stack import console, packages
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL, ROOT

FOLDER = LOCAL / "venv"
PYTHON = FOLDER / "bin" / "python"
LOG = LOCAL / "log" / "install.log"
MARK = FOLDER / "synced.json"

RUNTIME = ROOT / "requirements.lock"
DEVELOPMENT = ROOT / "requirements-dev.lock"
UV = ROOT / "requirements-uv.lock"


def _digest(lock: Path) -> str:
    return sha256(lock.read_bytes()).hexdigest()


def _is_synced(lock: Path) -> bool:
    try:
        synced = json.loads(MARK.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    # The development lock holds all of the other one.
    return any(synced.get(one.name) == _digest(one) for one in (lock, DEVELOPMENT))


def ensure(lock: Path) -> None:
    """Have the packages of `lock` there; nothing to do when they are."""
    if PYTHON.exists() and _is_synced(lock):
        return
    with console.step("Python packages") as step:
        if not PYTHON.exists():
            _create()
        used = _sync(lock)
        MARK.write_text(json.dumps({lock.name: _digest(lock)}), encoding="utf-8")
        step.says(f"{lock.name} with {used}")


def _create() -> None:
    with_pip = packages.has_venv()
    arguments = [] if with_pip else ["--without-pip"]
    command = [sys.executable, "-m", "venv", *arguments, str(FOLDER)]
    console.run_quietly(command, log=LOG, advice="Debian: apt-get install python3-venv")


def _environment() -> dict[str, str]:
    environment = {**os.environ, "PIP_NO_INPUT": "1"}
    if not (FOLDER / "bin" / "pip").exists():
        environment["PYTHONPATH"] = str(packages.downloaded_pip())
    return environment


def _pip(*arguments: str) -> None:
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    console.run_quietly(command, log=LOG, env=_environment())


def _installer() -> str | None:
    """Return uv, which installs ten times as fast as pip; None when it cannot be had."""
    own = FOLDER / "bin" / "uv"
    if own.exists():
        return str(own)
    if found := shutil.which("uv"):
        return found
    try:
        _pip("install", "--quiet", "--require-hashes", "--requirement", str(UV))
    except StackError:
        return None
    return str(own)


def _sync(lock: Path) -> str:
    """Install what the lock says and return what did it: uv, or pip where uv cannot."""
    if uv := _installer():
        command = [uv, "pip", "install", "--require-hashes", "--python", str(PYTHON)]
        try:
            console.run_quietly(
                [*command, "--requirement", str(lock)], log=LOG, env=_uv_environment()
            )
        except StackError:
            print(f"uv could not, as {LOG} says; pip tries ", end="", flush=True)
        else:
            return "uv"
    _pip("install", "--require-hashes", "--requirement", str(lock))
    return "pip"


def _uv_environment() -> dict[str, str]:
    # The machine's certificates, as pip and everything else here uses them; two names of one
    # switch, for newer and older versions. And no Python but the one that runs this.
    switches = {"UV_SYSTEM_CERTS": "true", "UV_NATIVE_TLS": "true", "UV_PYTHON_DOWNLOADS": "never"}
    return {**os.environ, **switches}


def lock() -> int:
    """Resolve requirements*.in into the lock files, with hashes and without addresses."""
    uv = _installer()
    if uv is None:
        raise StackError("uv is needed to write the locks.", advice="pip install uv")
    # In this order: each constrains those after it.
    for locked in (UV, RUNTIME, DEVELOPMENT):
        wanted = locked.with_suffix(".in")
        command = [
            *(uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
            *("--generate-hashes", "--no-emit-index-url", "--no-header", "--upgrade"),
            *("--output-file", locked.name, wanted.name),
        ]
        console.run_quietly(command, log=LOG, cwd=ROOT, env=_uv_environment())
        print(f"{locked.name} is written.")
    return 0
