"""supabase-py on a line: reads the same calls as calls.mjs and says what each came to.

It names things as Python does: `maybeSingle` is `maybe_single`, an object of options is keywords.
"""

import json
import keyword
import os
import re
import sys
from typing import Any

from postgrest.exceptions import APIError  # type: ignore[import-not-found]

from supabase import create_client  # type: ignore[attr-defined]

clients: dict[str | None, Any] = {}


def client_of(token: str | None) -> Any:
    """Return the client of somebody, or of nobody."""
    if token not in clients:
        client = create_client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_ANON_KEY"])
        if token is not None:
            client.postgrest.auth(token)
        clients[token] = client
    return clients[token]


def snake(name: str) -> str:
    """Return a name as Python has it."""
    spelled = re.sub(r"(?<=[a-z])([A-Z])", lambda found: "_" + found[1].lower(), name)
    return spelled + "_" if keyword.iskeyword(spelled) or spelled in {"or", "not"} else spelled


def built(call: Any, method: str, given: list[Any]) -> Any:
    """Apply one method of a chain."""
    takes_options = method in {"select", "order", "limit", "rpc", "insert", "update", "upsert"}
    options: dict[str, Any] = {}
    # A function's arguments and a row are objects too; the options come after them.
    least = 2 if method in {"rpc"} else 1
    if takes_options and len(given) > least and isinstance(given[-1], dict):
        *given, options = given
    options = {snake(name): value for name, value in options.items()}
    if method == "order" and "ascending" in options:
        options["desc"] = not options.pop("ascending")
    if method == "select" and not hasattr(call, "select"):
        # After a write supabase-py answers with the rows unasked.
        return call
    return getattr(call, snake(method))(*given, **options)


for line in sys.stdin:
    asked = json.loads(line)
    call = client_of(asked["token"])
    said: dict[str, Any] = {"data": None, "error": None, "count": None, "status": None}
    try:
        for method, *given in asked["chain"]:
            call = built(call, method, given)
        answer = call.execute()
        if answer is not None:
            said |= {"data": answer.data, "count": answer.count}
    except APIError as error:
        said["error"] = {
            name: getattr(error, name) for name in ("code", "message", "details", "hint")
        }
    print(json.dumps(said), flush=True)
