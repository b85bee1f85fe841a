"""Print db/catalog.md: the database, described by its own comments.

    python -m db.catalog [URL]           prints it
    python -m db.catalog --check [URL]   compares it with db/catalog.md, exits with 1 when stale

URL defaults to $DATABASE_URL and must log in as the owner. Nothing is changed.
"""

import sys

from db.cataloging.markdown import render
from db.cataloging.queries import read_catalog
from db.generated import GeneratedFile

CATALOG = GeneratedFile(
    name="catalog.md",
    module="db.catalog",
    target="catalog",
    about=__doc__,
    render=lambda conn: render(read_catalog(conn)),
)
main = CATALOG.main
describe = CATALOG.describe

if __name__ == "__main__":
    sys.exit(main())
