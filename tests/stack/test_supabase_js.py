"""The demo page's library: fetched when npm is there, and never in the way when it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dev.stack import supabase_js


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine; gives where the library will be."""
    manifest = tmp_path / "package.json"
    name_version(manifest, "1.0.0")
    monkeypatch.setattr(supabase_js, "MANIFEST", manifest)
    monkeypatch.setattr(supabase_js, "HOME", tmp_path / "library")
    return tmp_path / "library"


def name_version(manifest: Path, version: str) -> None:
    manifest.write_text(json.dumps({"dependencies": {supabase_js.NAME: version}}))


def fake_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_without_npm_one_line_says_what_is_missing(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    supabase_js.fetched_if_possible()
    (line,) = capsys.readouterr().out.splitlines()
    assert "no npm here" in line
    assert "demo page" in line
    assert not home.exists()


def test_an_npm_that_fails_is_said_and_asked_again_the_next_time(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_npm(tmp_path, monkeypatch, "echo no network >&2; exit 1")
    supabase_js.fetched_if_possible()
    assert "no network" in capsys.readouterr().out
    fake_npm(tmp_path, monkeypatch, PACKS)
    assert supabase_js.fetched().read_text() == f"{supabase_js.NAME}@1.0.0\n"


# Packs what it was asked for into the one file that a browser loads.
PACKS = """
mkdir -p package/dist/umd && echo "$3" > package/dist/umd/supabase.js
tar -czf packed.tgz package && echo packed.tgz && echo once >> ../../runs
"""


def test_it_is_fetched_once_for_each_version(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_npm(tmp_path, monkeypatch, PACKS)
    for version in ("1.0.0", "1.0.0", "2.0.0"):
        name_version(supabase_js.MANIFEST, version)
        assert supabase_js.fetched().read_text().endswith(f"@{version}\n")
    assert (tmp_path / "runs").read_text().split() == ["once", "once"]


def test_the_version_is_exact() -> None:
    assert all(part.isdecimal() for part in supabase_js.version().split("."))
