"""`make audit`: silent about a database as it was deployed, and each planted fault by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from db.audit import advisories, audit
from db.audit.__main__ import main
from db.audit.__main__ import page as pages
from db.permissions import ROLES
from tests.support.server import Database


@pytest.fixture(scope="module")
def deployed(clone_database: Callable[[], Database]) -> Database:
    return clone_database()


@contextmanager
def planted(database: Database, fault: str, back: str) -> Iterator[None]:
    """Leave a fault in the database for a while, as somebody with psql would."""
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(fault.encode())
        try:
            yield
        finally:
            admin.execute(back.encode())


@pytest.fixture(scope="module")
def clean(deployed: Database) -> str:
    """What the page says before anybody planted anything."""
    return "\n".join(pages(audit(deployed.owner_url)))


def page(database: Database, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main([database.owner_url])
    return code, capsys.readouterr().out


def test_nothing_is_wrong_with_a_database_as_it_was_deployed(
    deployed: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    found = audit(deployed.owner_url)
    structure, rights, versions = found.findings.values()
    assert structure == []
    assert rights == []
    code, said = page(deployed, capsys)
    # Servers unpacked from older builds have faults of their own.
    assert code == (1 if versions else 0), said
    assert "Structure: no findings" in said


FAULTS = {
    "row-level security is off": (
        "alter table public.videos disable row level security",
        "alter table public.videos enable row level security",
        "public.videos: row level security is off",
    ),
    "a new table": (
        "set role postgres; create table public.diary (entry text)",
        "drop table public.diary",
        "table public.diary: is for ",
    ),
    "a new table without row-level security": (
        "set role postgres; create table public.diary (entry text)",
        "drop table public.diary",
        "public.diary: row level security is off",
    ),
    "a counter can be written": (
        "grant update (likes_count) on public.videos to authenticated",
        "revoke update (likes_count) on public.videos from authenticated",
        "public.videos: update likes_count to authenticated",
    ),
    "everybody may execute": (
        "grant execute on function private.retire_day(date) to public",
        "revoke execute on function private.retire_day(date) from public",
        "private.retire_day(date): PUBLIC may execute it",
    ),
    "a function that takes its owner's rights": (
        "alter function public.feed(uuid, integer) security definer",
        "alter function public.feed(uuid, integer) security invoker",
        "feed(uuid,integer): security definer in the exposed schema",
    ),
    "a function that looks around": (
        "alter function public.feed(uuid, integer) reset search_path",
        "alter function public.feed(uuid, integer) set search_path = ''",
        "feed(uuid,integer): does not pin search_path",
    ),
    "a view with its owner's rights": (
        "alter view public.video_feed set (security_invoker = false)",
        "alter view public.video_feed set (security_invoker = true)",
        "public.video_feed: does not say security_invoker = true",
    ),
    "a policy for everybody": (
        "alter policy select_visible on public.videos to public",
        "alter policy select_visible on public.videos to anon, authenticated, service_role",
        "public.videos select_visible: does not say for whom it is",
    ),
    "a login with two hats": (
        "grant service_role to api_user",
        "revoke service_role from api_user",
        "api_user: is a member of authenticated, service_role",
    ),
    "a login without an end": (
        "alter role api_user reset statement_timeout",
        "alter role api_user set statement_timeout = '8s'",
        "api_user: has no statement_timeout",
    ),
    "a schema for everybody": (
        "grant create on schema public to anon",
        "revoke create on schema public from anon",
        "schema public: is for anon usage create;",
    ),
    "a right that is gone": (
        "revoke execute on function public.feed(uuid, integer) from anon",
        "grant execute on function public.feed(uuid, integer) to anon",
        "function public.feed(uuid,integer): should be for anon execute;",
    ),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_a_planted_fault_is_named(
    fault: tuple[str, str, str],
    deployed: Database,
    clean: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plant, back, named = fault
    assert named not in clean
    with planted(deployed, plant, back):
        code, said = page(deployed, capsys)
    assert code == 1
    assert named in said


def test_the_page_says_who_may_do_what(clean: str) -> None:
    told = clean.partition("Who may do what\n")[2]
    assert all(role in told for role in ROLES)
    anon = told.partition("anon, who is not signed in\n")[2].partition("authenticated, who is")[0]
    assert "calls: public.add_video_comment" not in anon
    assert "public.feed(uuid,integer)" in anon
    assert "inserts" not in anon
    assert "updates" not in anon
    user = told.partition("authenticated, who is\n")[2].partition("service_role, who")[0]
    assert "  inserts: public.user_blocks.blocked_user_id, public.video_comments." in user
    assert "  updates: public.user_profiles.avatar," in user
    assert "PUBLIC, which is every role\n  nothing of its own" in told


def test_it_leaves_nothing_behind(deployed: Database) -> None:
    audit(deployed.owner_url)
    with psycopg.connect(deployed.admin_url) as admin:
        row = admin.execute("select to_regnamespace('lint')").fetchone()
    assert row == (None,)


def test_a_database_nothing_was_deployed_to_is_said_to_be_one(
    cluster: object, deployed: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = deployed.owner_url.replace(deployed.name, "postgres")
    assert main([elsewhere]) == 1
    assert "nothing was ever deployed" in capsys.readouterr().err


def test_versions_with_known_faults_are_named() -> None:
    old = {"litestar": "2.17.0", "PyJWT": "2.12.1", "cryptography": "46.0.4", "psycopg": "3.1.20"}
    said = "\n".join(advisories.of_packages(old))
    for name in ("CVE-2025-59152", "CVE-2026-25479", "CVE-2026-48523", "CVE-2026-26007"):
        assert name in said
    assert "CVE-2022-29217" not in said
    new = {"litestar": "2.20.0", "PyJWT": "2.13.0", "cryptography": "46.0.5", "psycopg": "3.2.0"}
    assert list(advisories.of_packages(new)) == []
    assert list(advisories.of_packages(advisories.installed())) == []
    assert set(advisories.installed()) == set(advisories.PACKAGES)


@pytest.mark.parametrize(
    ("number", "named"),
    [
        (150002, ["CVE-2023-2455", "CVE-2026-6473"]),
        (150003, ["CVE-2026-6473"]),
        (150017, ["CVE-2026-6473"]),
        (150018, []),
        (160013, ["CVE-2026-6473"]),
        (170010, []),
        (180003, ["CVE-2026-6473"]),
        (190000, []),
        (140023, ["no longer maintained"]),
    ],
)
def test_servers_with_known_faults_are_named(number: int, named: list[str]) -> None:
    found = list(advisories.of_postgres(number))
    assert len(found) == len(named)
    assert all(name in finding for name, finding in zip(named, found, strict=True))


def test_the_client_library_is_looked_at_too() -> None:
    assert "CVE-2026-6477" in next(iter(advisories.of_libpq(170009)))
    assert list(advisories.of_libpq(psycopg.pq.version())) == []
