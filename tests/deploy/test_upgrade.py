"""Whoever deployed the commit before this one, with its own deploy, can deploy this one."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import psycopg
import pytest

from tests.deploy.real import ROOT, deploy
from tests.support.server import Database, PostgresServer


def git(*words: str) -> bytes:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, check=False)
    return done.stdout if done.returncode == 0 else b""


@pytest.fixture
def previous(tmp_path: Path) -> Path:
    """The checkout before this one that can be deployed; the very first one has only itself."""
    commits = git("log", "--format=%H", "--max-count=2", "--", "db").decode().split()
    archive = git("archive", commits[-1], "db") if len(commits) == 2 else b""
    with tarfile.open(fileobj=io.BytesIO(archive)) if archive else _own_files() as files:
        files.extractall(tmp_path, filter="data")
    return tmp_path


def _own_files() -> tarfile.TarFile:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as files:
        files.add(ROOT / "db", "db")
    buffer.seek(0)
    return tarfile.open(fileobj=buffer)


def snapshot(database: Database) -> list[tuple[object, ...]]:
    with psycopg.connect(database.owner_url) as conn:
        query = "select kind, identity, definition from deploy.snapshot order by 1, 2"
        return conn.execute(query).fetchall()


def test_an_upgrade_ends_where_a_fresh_deploy_does(
    cluster: PostgresServer, bare: Database, previous: Path
) -> None:
    before = deploy(bare.owner_url, checkout=previous)
    assert before.returncode == 0, before.stdout + before.stderr

    upgraded = deploy(bare.owner_url)
    assert upgraded.returncode == 0, upgraded.stdout + upgraded.stderr
    again = deploy(bare.owner_url, "--check")
    assert again.returncode == 0, again.stdout

    fresh = cluster.bare("fresh")
    assert deploy(fresh.owner_url).returncode == 0
    assert snapshot(bare) == snapshot(fresh)
    cluster.drop(fresh)
