"""What the API reads from its environment, checked once before anything else starts."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

from psycopg.conninfo import conninfo_to_dict

from api.imagekit.account import ImageKitAccount

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
T = TypeVar("T")

# Shorter HS256 secrets can be guessed offline from a single token.
MIN_SECRET_BYTES = 32

# What is in them is for nobody to call.
CLOSED_SCHEMAS = frozenset({
    "private", "partitions", "ops", "deploy", "pg_catalog", "information_schema",
})  # fmt: skip


class SettingsError(Exception):
    """The environment cannot be used; the text names every variable and what is wrong with it."""

    def __init__(self, problems: list[str]) -> None:
        """Keep the list for whoever wants more than the text."""
        self.problems = problems
        lines = "\n".join(f"  {problem}" for problem in problems)
        super().__init__(f"the environment is not usable:\n{lines}\nsee .env.example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The API's configuration. Secrets stay out of its `repr`."""

    host: str
    port: int
    supabase_url: str
    jwt_secret: str | None
    jwks_url: str | None
    jwt_issuers: tuple[str, ...]
    anon_key: str | None
    service_key_given: bool
    imagekit_public_key: str
    imagekit_private_key: str
    imagekit_url_endpoint: str
    imagekit_api_base: str
    imagekit_upload_base: str
    imagekit_allow_v1: bool
    database_url_anon: str
    database_url_user: str
    database_url_media: str
    pool_size: int
    schemas: tuple[str, ...]
    max_rows: int
    address_header: str
    trusted_proxies: tuple[Network, ...]
    cors_origins: tuple[str, ...]
    hsts_seconds: int
    metrics_token: str | None
    imagekit_webhook_secret: str | None
    media_worker: bool
    media_writes_per_second: float
    postgrest_url: str | None
    postgrest_jwt_secret: str | None
    realtime: bool | None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read `environment`; raise `SettingsError` listing all that is missing or malformed."""
        read = _Reader(environment)
        settings = cls(
            host=read("HOST", _text, "127.0.0.1"),
            port=read("PORT", _port, "3000"),
            supabase_url=read("SUPABASE_URL", _url),
            jwt_secret=read("SUPABASE_JWT_SECRET", _secret_if_any, ""),
            jwks_url=read("SUPABASE_JWKS_URL", _url_if_any, ""),
            jwt_issuers=read("SUPABASE_JWT_ISSUER", _names, ""),
            anon_key=read("SUPABASE_ANON_KEY", _text, "") or None,
            service_key_given=bool(environment.get("SUPABASE_SERVICE_ROLE_KEY")),
            imagekit_public_key=read("IMAGEKIT_PUBLIC_KEY", _text),
            imagekit_private_key=read("IMAGEKIT_PRIVATE_KEY", _text),
            imagekit_url_endpoint=read("IMAGEKIT_URL_ENDPOINT", _url),
            imagekit_api_base=read("IMAGEKIT_API_BASE", _url, "https://api.imagekit.io"),
            imagekit_upload_base=read("IMAGEKIT_UPLOAD_BASE", _url, "https://upload.imagekit.io"),
            imagekit_allow_v1=read("IMAGEKIT_ALLOW_V1", _switch, "0"),
            database_url_anon=read("API_DATABASE_URL_ANON", _database_url),
            database_url_user=read("API_DATABASE_URL_USER", _database_url),
            database_url_media=read("API_DATABASE_URL_MEDIA", _database_url),
            pool_size=read("API_POOL_SIZE", _pool_size, "8"),
            schemas=read("API_SCHEMAS", _schemas, "public"),
            max_rows=read("API_MAX_ROWS", _rows, "1000"),
            address_header=read("ADDRESS_HEADER", _header_name, "x-client-address"),
            trusted_proxies=read("TRUSTED_PROXIES", _networks, ""),
            cors_origins=read("CORS_ORIGINS", _origins, ""),
            hsts_seconds=read("HSTS_SECONDS", _seconds, "0"),
            metrics_token=read("METRICS_TOKEN", _token_if_any, ""),
            imagekit_webhook_secret=read("IMAGEKIT_WEBHOOK_SECRET", _text, "") or None,
            media_worker=read("MEDIA_WORKER", _switch, "0"),
            media_writes_per_second=read("MEDIA_WRITES_PER_SECOND", _rate, "4"),
            postgrest_url=read("POSTGREST_URL", _url_if_any, ""),
            postgrest_jwt_secret=read("POSTGREST_JWT_SECRET", _secret_if_any, ""),
            realtime=read("REALTIME", _switch_if_any, ""),
        )
        if settings.postgrest_url and not (settings.postgrest_jwt_secret or settings.jwt_secret):
            read.problems.append("POSTGREST_JWT_SECRET is missing: PostgREST's own jwt-secret")
        if read.problems:
            raise SettingsError(read.problems)
        return settings._with_the_projects_own()

    def _with_the_projects_own(self) -> Settings:
        """Fill in what follows from the project's address where nothing else is said."""
        auth = f"{self.supabase_url}/auth/v1"
        return replace(
            self,
            # With a secret the published keys are asked for only by name: a project that signs
            # with its secret publishes none.
            jwks_url=self.jwks_url
            or (None if self.jwt_secret else f"{auth}/.well-known/jwks.json"),
            jwt_issuers=self.jwt_issuers or (auth,),
            postgrest_jwt_secret=self.postgrest_jwt_secret or self.jwt_secret,
        )

    def __repr__(self) -> str:
        """Name where it points, never a key."""
        return f"Settings(supabase_url={self.supabase_url!r}, port={self.port})"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """What a deletion worker by itself needs: a part of `Settings`, read the same way."""

    database_url: str
    account: ImageKitAccount
    writes_per_second: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> MediaSettings:
        """Read `environment`; raise `SettingsError` listing all that is missing or malformed."""
        read = _Reader(environment)
        settings = cls(
            database_url=read("API_DATABASE_URL_MEDIA", _database_url),
            account=ImageKitAccount(
                public_key=read("IMAGEKIT_PUBLIC_KEY", _text),
                private_key=read("IMAGEKIT_PRIVATE_KEY", _text),
                url_endpoint=read("IMAGEKIT_URL_ENDPOINT", _url),
                upload_base=read("IMAGEKIT_UPLOAD_BASE", _url, "https://upload.imagekit.io"),
                api_base=read("IMAGEKIT_API_BASE", _url, "https://api.imagekit.io"),
            ),
            writes_per_second=read("MEDIA_WRITES_PER_SECOND", _rate, "4"),
        )
        if read.problems:
            raise SettingsError(read.problems)
        return settings


class _Reader:
    """Reads variables one by one and collects what is wrong, so that one start shows everything."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[str] = []

    def __call__(self, name: str, parse: Callable[[str], T], default: str | None = None) -> T:
        value = self.environment.get(name, "").strip()
        if not value:
            if default is None:
                self.problems.append(f"{name} is missing")
                # Never used: the caller raises before the object leaves its hands.
                return None  # type: ignore[return-value]
            value = default
        try:
            return parse(value)
        except ValueError as error:
            self.problems.append(f"{name} {error}")
            return None  # type: ignore[return-value]


def _text(value: str) -> str:
    return value


def _port(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", value) or int(value) > 65535:
        message = "must be a port, 0 to 65535"
        raise ValueError(message)
    return int(value)


def _pool_size(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", value) or int(value) < 1:
        message = "must be a number of connections, 1 to 999"
        raise ValueError(message)
    return int(value)


def _schemas(value: str) -> tuple[str, ...]:
    names = _names(value)
    closed = [name for name in names if name in CLOSED_SCHEMAS or name.startswith("pg_")]
    if closed or not names or len(set(names)) < len(names):
        message = f"must list schemas, each once, and none of {', '.join(sorted(CLOSED_SCHEMAS))}"
        raise ValueError(message)
    return names


def _rows(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,7}", value) or int(value) < 1:
        message = "must be a number of rows, 1 to 9999999"
        raise ValueError(message)
    return int(value)


def _seconds(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        message = "must be a number of seconds"
        raise ValueError(message)
    return int(value)


def _rate(value: str) -> float:
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value):
        message = "must be a number of calls a second, 0 for as many as possible"
        raise ValueError(message)
    return float(value)


def _switch(value: str) -> bool:
    if value not in {"0", "1"}:
        message = "must be 0 or 1"
        raise ValueError(message)
    return value == "1"


def _secret_if_any(value: str) -> str | None:
    if value and len(value.encode()) < MIN_SECRET_BYTES:
        message = f"must have at least {MIN_SECRET_BYTES} bytes"
        raise ValueError(message)
    return value or None


def _token_if_any(value: str) -> str | None:
    if value and not re.fullmatch(r"[!-~]{16,}", value):
        message = "must have at least 16 printable characters without spaces"
        raise ValueError(message)
    return value or None


def _switch_if_any(value: str) -> bool | None:
    return _switch(value) if value else None


def _names(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        message = "must be an http(s) URL"
        raise ValueError(message)
    return value.rstrip("/")


def _url_if_any(value: str) -> str | None:
    return _url(value) if value else None


def _database_url(value: str) -> str:
    message = "must be a postgresql:// URL with a user"
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError(message)
    try:
        user = conninfo_to_dict(value).get("user")
    except Exception:  # whose text would repeat the password
        raise ValueError(message) from None
    if not user:
        raise ValueError(message)
    return value


def _header_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", value):
        message = "must be the name of an HTTP header"
        raise ValueError(message)
    return value.lower()


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(
            ipaddress.ip_network(part.strip()) for part in value.split(",") if part.strip()
        )
    except ValueError:
        message = "must be a comma-separated list of networks such as 10.0.0.0/8"
        raise ValueError(message) from None


def _origins(value: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in value.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^/\s]+", origin):
            message = "must be * or a comma-separated list of origins such as https://app.example"
            raise ValueError(message)
    return origins
