"""The Supabase client for browsers: brought by npm, and only the demo page misses it."""

from dev.stack import console, npm
from dev.stack.errors import StackError
from dev.stack.paths import LOCAL, ROOT

MANIFEST = ROOT / "dev" / "page" / "package.json"
HOME = LOCAL / "page"
BUNDLE = HOME / "node_modules" / "@supabase" / "supabase-js" / "dist" / "umd" / "supabase.js"


def ensure() -> None:
    """Have it there if that can be; what it is missing for is said, and nothing stops."""
    if npm.is_installed(MANIFEST, HOME):
        return
    with console.step("supabase-js") as step:
        try:
            npm.install(MANIFEST, HOME)
        except StackError as error:
            reason = str(error).splitlines()[0]
            step.says(f"not here, and the demo page needs it. {reason} See {npm.LOG}")
        else:
            step.says("installed with npm")
