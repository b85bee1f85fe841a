"""Which process is which: a number alone is not a process, it is used again after a while."""

import json
import os
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from dev.stack.paths import write_private


@dataclass(frozen=True)
class ProcessIdentity:
    """A process that was running, so that another one with its number is not mistaken for it."""

    pid: int
    started: str
    command: str

    def is_running(self) -> bool:
        """Tell whether exactly this process still runs."""
        return identify(self.pid) == self


def _from_proc(pid: int, patience: int = 50) -> ProcessIdentity | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    # The name in parentheses may hold anything, so count fields from its end.
    fields = stat.rpartition(")")[2].split()
    state, ticks = fields[0], fields[19]
    if state in "ZX":
        return None
    if not raw and patience > 0:
        # It is just becoming another program, whose arguments are not yet in place.
        time.sleep(0.002)
        return _from_proc(pid, patience - 1)
    command = raw.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ProcessIdentity(pid, f"{boot}:{ticks}", command)


def _from_ps(pid: int) -> ProcessIdentity | None:
    listing = subprocess.run(
        ["ps", "-o", "state=,lstart=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    words = listing.stdout.split()
    if listing.returncode or not words or words[0].startswith("Z"):
        return None
    # lstart is always five words: weekday, month, day, time, year.
    return ProcessIdentity(pid, " ".join(words[1:6]), " ".join(words[6:]))


def identify(pid: int) -> ProcessIdentity | None:
    """Return who has `pid` now, or None when nobody alive has."""
    if pid <= 0:
        return None
    has_proc = Path("/proc/self/stat").exists()
    return _from_proc(pid) if has_proc else _from_ps(pid)


def is_unreaped(pid: int) -> bool:
    """Tell whether `pid` belongs to a process that has ended and still stands in the list."""
    if pid <= 0 or identify(pid) is not None:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # It may have been collected, and its number given away, since the first look.
    return identify(pid) is None


def remember(path: Path, process: ProcessIdentity) -> None:
    """Write down who runs, for `recall`."""
    write_private(path, json.dumps(asdict(process)))


def recall(path: Path) -> ProcessIdentity | None:
    """Return the process written down in `path` while exactly that one still runs."""
    try:
        process = ProcessIdentity(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return process if process.is_running() else None
