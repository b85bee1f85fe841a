"""Whoever deployed the commit before this one, with its own deploy, can deploy this one."""

from __future__ import annotations

import shutil
import subprocess
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
    # Along the main line: what branches held on their way was never deployed.
    log = ("log", "--first-parent", "--format=%H", "--max-count=2", "--", "db")
    commits = git(*log).decode().split()
    archive = git("archive", commits[-1], "db") if len(commits) == 2 else b""
    if archive:
        # By tar: Python's own unpacks safely only from 3.11.4 on, and Debian 12 has an older one.
        subprocess.run(["tar", "-x", "-C", str(tmp_path)], input=archive, check=True)
    else:
        shutil.copytree(ROOT / "db", tmp_path / "db")
    return tmp_path


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
