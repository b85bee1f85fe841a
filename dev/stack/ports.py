"""Ports on this machine: chosen free once, then kept."""

import os
import secrets
import socket
from pathlib import Path

from dev.stack.errors import StackError

HOST = "127.0.0.1"
HIGHEST = 65535
# Above the well-known ports, below what Linux (32768) and macOS (49152) connect from.
CHOSEN_FROM = range(15000, 32000)


def is_free(port: int) -> bool:
    """Tell whether a server could listen on `port` now."""
    with socket.socket() as probe:
        # A server sets this too; without it a port in TIME_WAIT would look taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port nobody listens on.

    Never one that the system gives to outgoing connections: any of them could be on a kept port
    just when its server wants to start again.
    """
    for _ in range(1000):
        port = secrets.choice(CHOSEN_FROM)
        if is_free(port):
            return port
    raise StackError(f"No port of {CHOSEN_FROM[0]} to {CHOSEN_FROM[-1]} is free.")


def named_port(variable: str) -> int | None:
    """Return the port that an environment variable asks for, None when it says nothing."""
    text = os.environ.get(variable, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) <= HIGHEST:
        raise StackError(f"{variable}={text} is no port.", advice=f"A port is 1 to {HIGHEST}.")
    return int(text)


def kept_port(path: Path, *, preferred: int | None = None) -> int:
    """Return the port in `path`; the first time choose one and keep it there.

    `preferred` is taken the first time when it is free.
    """
    if path.exists():
        return int(path.read_text(encoding="ascii"))
    port = preferred if preferred is not None and is_free(preferred) else free_port()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_text(f"{port}\n", encoding="ascii")
    draft.replace(path)
    return port
