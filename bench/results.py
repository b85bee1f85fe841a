"""`bench/results.md`: a section a bench, of which each replaces its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.goals import Goal, exit_code, listed
from bench.servers import checkout

FILE = Path(__file__).parent / "results.md"
ORDER = ("counters", "retention", "feed", "functions", "media", "realtime")
PREFACE = """\
# Results

Written by the commands it names; each replaces its own section. Ratios within one run are what
counts: absolute figures are those of one machine, which also ran the clients.
"""


@dataclass(frozen=True)
class Report:
    """What one bench has to say."""

    bench: str
    command: str
    machine: str
    body: str
    goals: Sequence[Goal] = ()

    def section(self) -> str:
        """Return it as a section of the file."""
        now = datetime.now(UTC)
        lines = [
            f"## {self.bench}",
            f"`{self.command}`, {now:%Y-%m-%d}, version {checkout()}, {self.machine}",
            listed(self.goals),
            self.body,
        ]
        return "\n\n".join(line for line in lines if line)


def show(report: Report) -> int:
    """Print a report that is not like the others: what was asked for was something else."""
    print(f"\n{report.section()}\n\nNot written down: it was not the whole bench.", flush=True)
    return exit_code(report.goals)


def finish(report: Report, file: Path = FILE) -> int:
    """Print a report, write it down, and return what the command ends with."""
    section = report.section()
    print(f"\n{section}", flush=True)
    keep(report.bench, section, file)
    return exit_code(report.goals)


def keep(bench: str, section: str, file: Path = FILE) -> None:
    """Put a section in the place of the one that was there."""
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    sections = sections_of(text) | {bench: section.strip()}
    known = [sections.pop(name) for name in ORDER if name in sections]
    parts = [PREFACE.strip(), *known, *sections.values()]
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def sections_of(text: str) -> dict[str, str]:
    """Return the sections of a file by name."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {part.split("\n", 1)[0].removeprefix("## ").strip(): part.strip() for part in parts}
