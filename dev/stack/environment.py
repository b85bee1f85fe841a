"""Which process gets which variables, and `.local/stack.env` for people and scripts."""

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from dev.stack import ports, postgrest
from dev.stack.cluster import Cluster
from dev.stack.keys import Keys
from dev.stack.paths import LOCAL, write_private
from dev.stack.tokens import ISSUER, project_key

FILE = LOCAL / "stack.env"
ACCOUNT = "demo"
# Wherever programs look for each other; nothing else of the caller's environment is passed on.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER", "TZ")


class Environment:
    """The variables of one stack: its cluster, keys and ports."""

    def __init__(
        self,
        cluster: Cluster,
        keys: Keys,
        *,
        api_port: int,
        imagekit_port: int,
        postgrest_port: int | None = None,
    ) -> None:
        """`postgrest_port` is None where there is no PostgREST."""
        self.cluster = cluster
        self.keys = keys
        self.api_port = api_port
        self.imagekit_port = imagekit_port
        self.postgrest_port = postgrest_port

    @property
    def api_url(self) -> str:
        """Where the API answers."""
        return f"http://{ports.HOST}:{self.api_port}"

    @property
    def imagekit_url(self) -> str:
        """Where the ImageKit stand-in answers."""
        return f"http://{ports.HOST}:{self.imagekit_port}"

    @property
    def owner_url(self) -> str:
        """The database, as the project's owner."""
        return self.cluster.url("postgres", self.keys.owner_password)

    def logins(self) -> dict[str, str]:
        """The API's three logins."""
        keys = self.keys
        return {
            "API_DATABASE_URL_ANON": self.cluster.url("api_anon", keys.anon_password),
            "API_DATABASE_URL_USER": self.cluster.url("api_user", keys.user_password),
            "API_DATABASE_URL_MEDIA": self.cluster.url("api_media", keys.media_password),
        }

    def imagekit(self) -> dict[str, str]:
        """The account at the stand-in."""
        return {
            "IMAGEKIT_PUBLIC_KEY": self.keys.imagekit_public_key,
            "IMAGEKIT_PRIVATE_KEY": self.keys.imagekit_private_key,
            "IMAGEKIT_URL_ENDPOINT": f"{self.imagekit_url}/{ACCOUNT}",
            "IMAGEKIT_API_BASE": self.imagekit_url,
            "IMAGEKIT_UPLOAD_BASE": self.imagekit_url,
        }

    def of_database(self) -> dict[str, str]:
        """What a deploy depends on: the owner's login, the passwords to set, shared settings."""
        return {
            **self.logins(),
            "DATABASE_URL": self.owner_url,
            "IMAGEKIT_URL_ENDPOINT": self.imagekit()["IMAGEKIT_URL_ENDPOINT"],
        }

    def of_deploy(self) -> dict[str, str]:
        """What the deploy gets."""
        return {**_inherited(), **self.of_database()}

    def of_api(self) -> dict[str, str]:
        """What the API gets, and nothing more: no owner, no service key."""
        return {
            **_inherited(),
            **self.logins(),
            **self.imagekit(),
            "HOST": ports.HOST,
            "PORT": str(self.api_port),
            "SUPABASE_URL": self.api_url,
            "SUPABASE_JWT_SECRET": self.keys.jwt_secret,
            # A project's own name, and the one on tokens made without knowing the port.
            "SUPABASE_JWT_ISSUER": f"{self.api_url}/auth/v1,{ISSUER}",
            "SUPABASE_ANON_KEY": project_key("anon", self.keys.jwt_secret),
            # One process for all: files that are deleted go while one watches.
            "MEDIA_WORKER": "1",
            **self._postgrest(),
        }

    def _postgrest(self) -> dict[str, str]:
        """Where the API finds PostgREST, and how it proves itself there."""
        if self.postgrest_port is None:
            return {}
        return {
            "POSTGREST_URL": f"http://{ports.HOST}:{self.postgrest_port}",
            "POSTGREST_JWT_SECRET": self.keys.postgrest_jwt_secret,
        }

    def of_postgrest(self) -> dict[str, str]:
        """What PostgREST gets: the login it has on Supabase too."""
        return {
            **_inherited(),
            **postgrest.variables(
                database_url=self.cluster.url(postgrest.LOGIN, self.keys.authenticator_password),
                jwt_secret=self.keys.postgrest_jwt_secret,
                port=self.postgrest_port or 0,
            ),
        }

    def of_imagekit(self) -> dict[str, str]:
        """What the stand-in gets."""
        return {**_inherited(), **self.imagekit()}

    def of_people(self) -> dict[str, str]:
        """What `stack.env` holds."""
        secret = self.keys.jwt_secret
        return {
            "API_URL": self.api_url,
            "DATABASE_URL": self.owner_url,
            "ADMIN_DATABASE_URL": self.cluster.admin_url(),
            "SUPABASE_URL": self.api_url,
            "SUPABASE_JWT_SECRET": secret,
            "SUPABASE_ANON_KEY": project_key("anon", secret),
            "SUPABASE_SERVICE_ROLE_KEY": project_key("service_role", secret),
            **self.imagekit(),
        }


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in INHERITED if name in os.environ}


def write(variables: Mapping[str, str], path: Path = FILE) -> None:
    """Write variables for a shell to read; nobody else may."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    header = "# The running stack. Written by `make run`; read it with `. .local/stack.env`."
    write_private(path, "\n".join([header, *lines]) + "\n")


def read(path: Path = FILE) -> dict[str, str]:
    """Read what `write` wrote; empty when there is nothing."""
    if not path.exists():
        return {}
    words = shlex.split(path.read_text(encoding="utf-8"), comments=True)
    return dict(word.split("=", 1) for word in words if "=" in word)
