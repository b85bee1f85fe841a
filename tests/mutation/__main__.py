"""Take away every policy, check, trigger, grant, default and pinned path, one at a time.

    make mutate
    ./dev/run mutate [WORD ...]    only mutants whose name has all of these words

Each mutant is made in a transaction of a database of its own, in which the rules' tests then
run until one is red. What takes several sessions to notice has its test in elsewhere.tsv, which
is run on a deploy with the mutant in it. Ends with 1 when a mutant survives that is not in
survivors.tsv, or when one in there does not survive any more.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

import psycopg

from dev.stack import paths
from tests.mutation.judges import Judges
from tests.mutation.mutants import Mutant, mutants
from tests.support import pgtap
from tests.support.server import fast_folder, running_server

ELSEWHERE = Path(__file__).parent / "elsewhere.tsv"
SURVIVORS = Path(__file__).parent / "survivors.tsv"
PROCESSES = 2
ENDPOINT = {"IMAGEKIT_URL_ENDPOINT": "https://ik.imagekit.io/demo"}


@contextmanager
def courts() -> Iterator[list[Judges]]:
    """As many databases, ready for the tests, as are judged in side by side."""
    with running_server(fast_folder(paths.local_folder("mutation-pg"))) as server:
        template = server.deployed("template", ENDPOINT)
        found = []
        for _ in range(PROCESSES):
            database = server.clone(template)
            pgtap.prepare(database.admin_url)
            found.append(Judges(database.admin_url))
        yield found


def judge(chosen: Sequence[Mutant], judges: Sequence[Judges]) -> dict[str, str | None]:
    """Which test noticed each mutant; None where none did."""
    free: SimpleQueue[Judges] = SimpleQueue()
    for one in judges:
        free.put(one)

    def sentence(mutant: Mutant) -> tuple[str, str | None]:
        court = free.get()
        try:
            return mutant.name, court.verdict(mutant)
        finally:
            free.put(court)

    verdicts = {}
    with ThreadPoolExecutor(len(judges)) as pool:
        for number, (name, noticed_by) in enumerate(pool.map(sentence, chosen), start=1):
            verdicts[name] = noticed_by
            if noticed_by is None:
                print(f"  survives: {name}", flush=True)
            if number % 50 == 0:
                print(f"  {number} of {len(chosen)}", flush=True)
    return verdicts


def listed(file: Path) -> dict[str, str]:
    """Mutants, each with what the file says of it."""
    lines = file.read_text().splitlines()[1:]
    return dict(line.split("\t", 1) for line in lines)


def is_noticed_by(test: str, mutant: Mutant) -> bool:
    """Whether a test of several sessions fails on a deploy with the mutant in it."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", test],
        cwd=paths.ROOT,
        env=os.environ | {"MUTANT": mutant.statement},
        capture_output=True,
        check=False,
    )
    # 1 is a test that failed; anything else is a run that could not be made.
    return done.returncode == 1


def main(words: Sequence[str]) -> int:
    """Run, and tell what survived; the result is the exit code."""
    began = time.monotonic()
    with courts() as judges:
        with psycopg.connect(judges[0].admin_url) as connection:
            found = list(mutants(connection))
        if red := judges[0].red_without_a_mutant():
            print(f"red before anything was taken away: {', '.join(red)}", file=sys.stderr)
            return 1
        chosen = [one for one in found if all(word in one.name for word in words)]
        print(f"{len(chosen)} mutants", flush=True)
        verdicts = judge(chosen, judges)

    tests = listed(ELSEWHERE)
    for mutant in chosen:
        test = tests.get(mutant.name)
        if verdicts[mutant.name] is None and test and is_noticed_by(test, mutant):
            verdicts[mutant.name] = test
            print(f"  noticed by {test}", flush=True)

    survivors = {name for name, noticed_by in verdicts.items() if noticed_by is None}
    known = listed(SURVIVORS)
    new = sorted(survivors - known.keys())
    gone = sorted((known.keys() | tests.keys()) - {one.name for one in found})
    killed = sorted(name for name in known if verdicts.get(name) is not None)
    for title, names in (
        ("survive, and nobody has said why", new),
        ("are in survivors.tsv, but are noticed", killed),
        ("are listed, but there is no such rule", gone),
    ):
        if names:
            print(f"\n{len(names)} {title}:")
            print("\n".join(f"  {name}" for name in names))
    print(
        f"\n{len(verdicts) - len(survivors)} of {len(verdicts)} mutants were noticed,"
        f" {len(survivors) - len(new)} survive for a stated reason"
        f" ({time.monotonic() - began:.0f} s)"
    )
    return 1 if new or gone or killed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
