"""What must be true before the first request is taken.

The API must not be able to do more than its callers: it refuses to run with a login that could.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec

from api.calls import Pools, SessionRole
from api.database import Pool, QueryError, UnavailableError, close_together
from api.settings import Settings

_LOGIN = """
select json_build_object(
    'login', session_user,
    'role', current_user,
    'is_superuser', r.rolsuper,
    'bypasses_rls', r.rolbypassrls,
    'owns', (
        select count(*)
        from pg_catalog.pg_class as c
        where
            c.relnamespace in (
                select n.oid from pg_catalog.pg_namespace as n
                where n.nspname in ('public', 'private', 'partitions', 'ops', 'deploy')
            )
            and c.relkind in ('r', 'p', 'v')
            and c.relowner = r.oid
    ),
    'member_of', array(
        with recursive memberships as (
            select m.roleid from pg_catalog.pg_auth_members as m where m.member = r.oid
            union
            select m.roleid
            from pg_catalog.pg_auth_members as m
            inner join memberships as known on known.roleid = m.member
        )
        select g.rolname
        from memberships as m
        inner join pg_catalog.pg_roles as g on g.oid = m.roleid
        order by g.rolname
    )
)::text
from pg_catalog.pg_roles as r
where r.rolname = session_user
"""
_SETTINGS = """
select case when current_user = 'media_worker' then (
    select row_to_json(s)::text from private.api_settings() as s
) end
"""


class StartRefusedError(Exception):
    """The API does not start; the text says why, one line for each reason."""


@dataclass(slots=True)
class StartOutcome:
    """Why the application did not start, if it was refused."""

    refusal: str | None = None


class Login(msgspec.Struct):
    """What Postgres says about one of the three logins."""

    login: str
    role: str
    is_superuser: bool
    bypasses_rls: bool
    owns: int
    member_of: list[str]


class DatabaseSettings(msgspec.Struct):
    """What the database believes about settings that the API has too."""

    url_endpoint: str | None
    address_header: str | None


async def open_and_check(settings: Settings, pools: Pools) -> None:
    """Connect, or raise `StartRefusedError` listing all that is wrong; then nothing stays open."""
    named: list[tuple[str, Pool, SessionRole]] = [
        ("API_DATABASE_URL_ANON", pools.anon, "anon"),
        ("API_DATABASE_URL_USER", pools.user, "authenticated"),
        ("API_DATABASE_URL_MEDIA", pools.media, "media_worker"),
    ]
    checked = await asyncio.gather(*(login_problems(*entry) for entry in named))
    problems = [problem for found in checked for problem in found]
    if not problems:
        problems = await _setting_problems(settings, pools.media)
    if problems:
        await close_together(pools.all())
        listed = "\n".join(f"  {problem}" for problem in problems)
        message = f"the API does not start:\n{listed}"
        raise StartRefusedError(message)


async def login_problems(variable: str, pool: Pool, role: SessionRole) -> list[str]:
    """Connect, and say what the login may do that it must not; each problem names `variable`."""
    try:
        await pool.open()
    except UnavailableError:
        return [f"{variable}: no connection; is the database up, the password right?"]
    row = await pool.run(_LOGIN, ())
    login = msgspec.json.decode(row[0] or b"", type=Login)
    problems = []
    if login.is_superuser:
        problems.append("is a superuser")
    if login.bypasses_rls:
        problems.append("bypasses row-level security")
    if login.owns:
        problems.append("owns our tables")
    if login.member_of != [role]:
        member_of = ", ".join(login.member_of) or "no role"
        problems.append(f"must be a member of {role} alone, not of {member_of}")
    if login.role != role:
        problems.append(f"works as {login.role} and not as {role}")
    return [f"{variable}: the login {login.login} {problem}" for problem in problems]


async def _setting_problems(settings: Settings, media: Pool) -> list[str]:
    try:
        row = await media.run(_SETTINGS, ())
    except QueryError as error:
        return [f"private.api_settings() failed with {error.sqlstate}; is the database deployed?"]
    stored = msgspec.json.decode(row[0] or b"", type=DatabaseSettings)
    problems = []
    if (stored.url_endpoint or "").rstrip("/") != settings.imagekit_url_endpoint:
        problems.append(
            f"IMAGEKIT_URL_ENDPOINT is {settings.imagekit_url_endpoint}, "
            f"the database has {stored.url_endpoint or 'none'}"
        )
    if (stored.address_header or "").lower() != settings.address_header:
        problems.append(
            f"ADDRESS_HEADER is {settings.address_header}, "
            f"the database has {stored.address_header or 'none'}"
        )
    if problems:
        problems.append("deploy with the API's values, or change ops.settings with ops.set_setting")
    return problems
