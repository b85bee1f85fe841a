"""Brings what the machine lacks: a PostgreSQL server with its extensions, and Python's venv.

As root on Debian and its kin by apt. Otherwise the command is printed, and packages are
downloaded and unpacked below `.local`, which needs no rights.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dev.stack import binaries, console
from dev.stack.binaries import Binaries
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL

LOG = LOCAL / "log" / "install.log"
APT = LOCAL / "apt"
EXTENSION_PACKAGES = ("cron", "pgtap", "plpgsql-check")
# What is downloaded without rights: the server, and libraries it may need.
UNPACKED = re.compile(r"(postgresql-(client-)?\d+.*|lib.*|python3-pip-whl)")
NO_OWN_CLUSTER = Path("/etc/postgresql-common/createcluster.d/90-no-main.conf")


def has_venv() -> bool:
    """Tell whether this Python can make virtual environments with pip in them."""
    return bool(importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip"))


def is_complete(servers: Sequence[Binaries]) -> bool:
    """Tell whether the best server has all extensions."""
    return bool(servers) and not servers[0].missing()


def ensure(*tools: str) -> Binaries:
    """Return a server with all extensions; bring what is missing, venv and `tools` included."""
    servers = binaries.installed()
    absent = [tool for tool in tools if shutil.which(tool) is None]
    if is_complete(servers) and not absent and (has_venv() or not _may_install()):
        return servers[0]
    if _may_install():
        with console.step("programs") as step:
            _install(absent)
            step.says("installed with apt")
    elif _has_apt() and not is_complete(servers):
        with console.step("programs") as step:
            print(f"\n    no complete server here; as root: {_apt_command()}")
            print("    without it: downloading the packages into .local", flush=True)
            download(_server_packages())
            step.says("downloaded")
    return _checked(binaries.installed(), tools)


def _checked(servers: Sequence[Binaries], tools: Sequence[str]) -> Binaries:
    """Return the best server when there is all one can do with; StackError says what is not."""
    if absent := [tool for tool in tools if shutil.which(tool) is None]:
        raise StackError(f"{' and '.join(absent)}: needed, and not here.", advice=_advice(absent))
    if is_complete(servers):
        return servers[0]
    if servers and not _has_apt():
        # Homebrew packs no plpgsql_check. The product runs without any of them.
        print(f"  note: this server lacks {', '.join(servers[0].missing())}")
        return servers[0]
    lacking = f"it lacks {', '.join(servers[0].missing())}" if servers else "there is none"
    raise StackError(f"A PostgreSQL server is needed; {lacking}.", advice=_advice())


def _may_install() -> bool:
    return _has_apt() and os.geteuid() == 0


def _advice(tools: Sequence[str] = ()) -> str:
    if _has_apt():
        return f"As root: {_apt_command(tools)}"
    if sys.platform == "darwin":
        return " ".join(["brew install postgresql@17 pg_cron pgtap", *tools])
    return (
        f"Install PostgreSQL {binaries.OLDEST_MAJOR} or later with pg_cron, pgTAP and"
        " plpgsql_check, or set PG_BINDIR to its bin folder."
    )


def _has_apt() -> bool:
    return shutil.which("apt-get") is not None


def _apt_command(tools: Sequence[str] = ()) -> str:
    return f"apt-get update && apt-get install -y {' '.join(_packages(tools))}"


def _packages(tools: Sequence[str] = ()) -> list[str]:
    return [*_server_packages(), *([] if has_venv() else ["python3-venv"]), *tools]


def _server_packages() -> list[str]:
    major = _distribution_major()
    extensions = (f"postgresql-{major}-{name}" for name in EXTENSION_PACKAGES)
    return [f"postgresql-{major}", f"postgresql-client-{major}", *extensions]


def _distribution_major() -> int:
    """The major version that the distribution's own packages are of."""
    shown = subprocess.run(
        ["apt-cache", *_private_apt(), "depends", "postgresql"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    found = re.search(r"postgresql-(\d+)", shown)
    return int(found[1]) if found else binaries.OLDEST_MAJOR


def _install(tools: Sequence[str]) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    console.run_quietly(["apt-get", "update", "-q"], log=LOG, env=environment)
    # Debian would make a cluster of its own and start it on port 5432.
    had_rule = NO_OWN_CLUSTER.exists()
    NO_OWN_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
    if not had_rule:
        NO_OWN_CLUSTER.write_text("create_main_cluster = false\n")
    try:
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends"]
        console.run_quietly([*install, *_packages(tools)], log=LOG, env=environment)
    finally:
        if not had_rule:
            NO_OWN_CLUSTER.unlink(missing_ok=True)


def _private_apt() -> list[str]:
    """Options that let apt work without rights, on lists of our own; none for root."""
    if os.geteuid() == 0:
        return []
    return [
        "-o",
        f"Dir::State={APT / 'state'}",
        "-o",
        f"Dir::Cache={APT / 'cache'}",
        "-o",
        "Dir::State::status=/var/lib/dpkg/status",
        "-o",
        "Debug::NoLocking=1",
    ]


def download(packages: Sequence[str]) -> None:
    """Download packages with the libraries they lack here and unpack them below `.local`."""
    for folder in ("state/lists/partial", "cache/archives/partial", "packages"):
        (APT / folder).mkdir(parents=True, exist_ok=True)
    options = _private_apt()
    console.run_quietly(["apt-get", *options, "update", "-q"], log=LOG)
    wanted = packages or _server_packages()
    simulated = subprocess.run(
        ["apt-get", *options, "-s", "install", "--no-install-recommends", *wanted],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    needed = re.findall(r"^Inst (\S+)", simulated, re.MULTILINE)
    names = [name for name in dict.fromkeys([*wanted, *needed]) if UNPACKED.fullmatch(name)]
    console.run_quietly(["apt-get", *options, "download", *names], log=LOG, cwd=APT / "packages")
    for package in sorted((APT / "packages").glob("*.deb")):
        console.run_quietly(["dpkg", "-x", str(package), str(binaries.DOWNLOADED)], log=LOG)


def downloaded_pip() -> Path:
    """Return pip as a wheel that Python can run, for a Python that came without."""
    pattern = "usr/share/python-wheels/pip-*.whl"
    if not list(binaries.DOWNLOADED.glob(pattern)):
        if not _has_apt():
            raise StackError("This Python has no pip.", advice="Install Python's venv and pip.")
        download(["python3-pip-whl"])
    return max(binaries.DOWNLOADED.glob(pattern))
