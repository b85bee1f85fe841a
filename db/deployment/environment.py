"""What the API and the database must agree on: the login roles' passwords, and some settings.

Both come from the environment that the API gets too, so that there is one place to change them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

from db.deployment.errors import DeployError

_LOGINS = {
    "API_DATABASE_URL_ANON": "api_anon",
    "API_DATABASE_URL_USER": "api_user",
    "API_DATABASE_URL_MEDIA": "api_media",
}
# Name of the setting, and how the API reads the variable: both must mean the same.
_SETTINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "ADDRESS_HEADER": ("address_header", str.lower),
    "IMAGEKIT_URL_ENDPOINT": ("url_endpoint", lambda url: url.rstrip("/")),
}
_CURRENT = "select to_jsonb(s) ->> %s from private.settings as s"
_CONNECT_SECONDS = 3


@dataclass(frozen=True)
class Login:
    """A role and the password its variable gives it."""

    variable: str
    role: str
    password: str


def logins_to_set(environ: Mapping[str, str]) -> list[Login]:
    """The roles whose password in the environment does not open the door yet.

    Trying it is better than setting it every time: a new hash makes poolers ask again, and nothing
    needs to be stored to compare with.
    """
    found = []
    for variable, role in _LOGINS.items():
        url = environ.get(variable)
        if not url:
            continue
        password = _password(variable, role, url)
        if password and not _opens(url):
            found.append(Login(variable, role, password))
    return found


def _password(variable: str, role: str, url: str) -> str:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise DeployError(f"{variable}: is no database URL") from error
    user = str(parts.get("user") or "")
    # Supabase's pooler wants the project behind the role: api_anon.<project>.
    if user.partition(".")[0] != role:
        raise DeployError(f"{variable}: logs in as {user or 'nobody'}, but must as {role}")
    return str(parts.get("password") or "")


def _opens(url: str) -> bool:
    """Whether the server asks for the password and takes this one."""
    try:
        with psycopg.connect(url, connect_timeout=_CONNECT_SECONDS) as conn:
            return bool(conn.pgconn.used_password)
    except psycopg.OperationalError:
        return False


def set_passwords(conn: Connection, logins: list[Login]) -> None:
    """Set them; only a hash made here goes over the wire and into the server's log."""
    for login in logins:
        known = conn.execute("select from pg_roles where rolname = %s", (login.role,)).fetchone()
        if known is None:
            raise DeployError(f"{login.variable}: no migration makes the role {login.role}")
        digest = conn.pgconn.encrypt_password(
            login.password.encode(), login.role.encode(), b"scram-sha-256"
        )
        conn.execute(
            sql.SQL("alter role {} password {}").format(
                sql.Identifier(login.role), sql.Literal(digest.decode())
            )
        )


def set_settings(conn: Connection, environ: Mapping[str, str]) -> list[str]:
    """Bring the settings that the environment names up to date; return a line per change."""
    changes = []
    for variable, (name, normalised) in _SETTINGS.items():
        value = normalised(environ.get(variable, "").strip())
        if not value:
            continue
        before = _setting(conn, name)
        if before != value:
            try:
                conn.execute("select ops.set_setting(%s::text, %s::text)", (name, value))
            except psycopg.errors.DataError as error:
                raise DeployError(f"{variable}: {error.diag.message_primary}") from error
            except psycopg.errors.IntegrityError as error:
                raise DeployError(f"{variable}: {value!r} is no valid {name}") from error
            after = _setting(conn, name)
            if after != before:
                changes.append(f"{name}: {before or 'not set'} -> {after}")
    return changes


def has_settings(conn: Connection) -> bool:
    """Whether this database has the table and the function for it."""
    row = conn.execute(
        """
        select to_regclass('private.settings') is not null
            and to_regprocedure('ops.set_setting(text,text)') is not null
        """
    ).fetchone()
    return bool(row and row[0])


def _setting(conn: Connection, name: str) -> str | None:
    row = conn.execute(_CURRENT, (name,)).fetchone()
    return row[0] if row else None
