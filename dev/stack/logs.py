"""Shows what services log while a person watches, and notices when one of them ends."""

import json
import subprocess
import threading
import time
from collections.abc import Sequence

from dev.stack import interrupts
from dev.stack.services import Service

LOOK_S = 0.5
# Of a request's line: what a person follows it by, in this order. The rest is for machines.
OF_A_REQUEST = ("method", "route", "status", "ms", "role")


def follow(services: Sequence[Service]) -> list[str]:
    """Print what services log; return the names of those that ended.

    `stop` in another terminal is no such end: then the list is empty. It is too when nobody
    can read any more.
    """
    tails = [_tail(service) for service in services]
    printers = [
        threading.Thread(target=_print_lines, args=(service.name, tail), daemon=True)
        for service, tail in zip(services, tails, strict=True)
    ]
    for printer in printers:
        printer.start()
    try:
        while all(service.running() for service in services):
            time.sleep(LOOK_S)
            if not interrupts.is_watched():
                interrupts.fall_silent()
                return []
        time.sleep(LOOK_S)  # their last words
    finally:
        for tail in tails:
            tail.kill()
            tail.wait()
        for printer in printers:
            printer.join()
    # Stopping removes the mark, dying leaves it.
    return [service.name for service in services if service.mark.exists() and not service.running()]


def _tail(service: Service) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["tail", "-n", "0", "-F", str(service.log)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def _print_lines(name: str, tail: "subprocess.Popen[str]") -> None:
    for line in tail.stdout or ():
        try:
            print(f"{name:>8} | {readable(line.rstrip())}", flush=True)
        except OSError:  # nobody reads any more, which `follow` notices by itself
            return


def readable(line: str) -> str:
    """Return a logged line as a person reads it; one that is no JSON stays as it is."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    if not isinstance(entry, dict) or "message" not in entry:
        return line
    time_of_day = str(entry.pop("time", ""))[11:19]
    level = entry.pop("level", "info")
    entry.pop("logger", None)
    message = str(entry.pop("message"))
    if message == "request" and "route" in entry:
        words = [str(entry[name]) for name in OF_A_REQUEST if name in entry]
    else:
        words = [message, *(f"{name}={value}" for name, value in entry.items())]
    return " ".join([time_of_day, *([] if level == "info" else [level.upper()]), *words]).strip()
