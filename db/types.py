"""Print clients/database.types.ts: TypeScript types of what clients may see, write and call.

    python -m db.types [URL]           prints it
    python -m db.types --check [URL]   compares it with the file, exits with 1 when stale

The shape is that of `supabase gen types typescript`, for `createClient<Database>()`. Beyond it,
Insert and Update know the column grants, what is closed to clients is left out, results that the
catalogue says too little of are typed, and the database's comments come along.

URL defaults to $DATABASE_URL and must log in as the owner. Nothing is changed.
"""

import sys

from db.generated import FOLDER, GeneratedFile
from db.typescript.queries import read_surface
from db.typescript.render import render

TYPES = GeneratedFile(
    name="database.types.ts",
    module="db.types",
    target="types",
    about=__doc__,
    render=lambda conn: render(read_surface(conn)),
    folder=FOLDER.parent / "clients",
)
main = TYPES.main
describe = TYPES.describe

if __name__ == "__main__":
    sys.exit(main())
