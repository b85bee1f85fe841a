"""Write tests/behaviour/behaviour.tsv: what every persona gets, whatever he tries.

    make behaviour

Look at the difference before you commit it: each line is a decision.
"""

import sys
from pathlib import Path

import psycopg

from dev.stack import paths
from tests.behaviour.probe import probe
from tests.support import pgtap
from tests.support.server import fast_folder, running_server

FILE = Path(__file__).parent / "behaviour.tsv"
ENDPOINT = {"IMAGEKIT_URL_ENDPOINT": "https://ik.imagekit.io/demo"}


def main() -> int:
    """Deploy this checkout to a server of its own, try everything, and write it down."""
    with running_server(fast_folder(paths.local_folder("behaviour-pg"))) as server:
        database = server.clone(server.deployed("template", ENDPOINT))
        pgtap.prepare(database.admin_url)
        with psycopg.connect(database.admin_url) as connection:
            FILE.write_text(probe(connection))
    print(f"{FILE.name} is written.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
