"""The secrets of one local stack: made once, kept in `.local`, worth nothing elsewhere."""

import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from dev.stack.paths import LOCAL, write_private

FILE = LOCAL / "keys.json"


@dataclass(frozen=True)
class Keys:
    """Passwords of the database's logins, and the keys of the services."""

    owner_password: str
    anon_password: str
    user_password: str
    media_password: str
    authenticator_password: str
    jwt_secret: str
    postgrest_jwt_secret: str
    imagekit_public_key: str
    imagekit_private_key: str


def _new() -> Keys:
    return Keys(
        owner_password=secrets.token_urlsafe(24),
        anon_password=secrets.token_urlsafe(24),
        user_password=secrets.token_urlsafe(24),
        media_password=secrets.token_urlsafe(24),
        authenticator_password=secrets.token_urlsafe(24),
        jwt_secret=secrets.token_urlsafe(48),
        postgrest_jwt_secret=secrets.token_urlsafe(48),
        imagekit_public_key=f"public_{secrets.token_urlsafe(21)}",
        imagekit_private_key=f"private_{secrets.token_urlsafe(21)}",
    )


def kept(path: Path = FILE) -> Keys:
    """Return this stack's keys; make those that are not there yet."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    keys = Keys(**(asdict(_new()) | known))
    if asdict(keys) != known:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, json.dumps(asdict(keys), indent=1) + "\n")
    return keys
