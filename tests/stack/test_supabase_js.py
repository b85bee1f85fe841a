"""The demo page's library: brought when npm is there, and never in the way when it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dev.stack import npm, supabase_js


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "page"
    monkeypatch.setattr(supabase_js, "HOME", home)
    monkeypatch.setattr(npm, "LOG", tmp_path / "install.log")
    return home


def fake_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "npm"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def test_without_npm_it_is_said_and_nothing_stops(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    supabase_js.ensure()
    said = capsys.readouterr().out
    assert "npm is not here" in said
    assert "the demo page needs it" in said
    assert not home.exists()


def test_an_npm_that_fails_is_said_and_asked_again_the_next_time(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_npm(tmp_path, monkeypatch, "echo no network >&2; exit 1")
    supabase_js.ensure()
    assert "failed (1)" in capsys.readouterr().out
    assert "no network" in npm.LOG.read_text()
    fake_npm(tmp_path, monkeypatch, 'echo "$@" > arguments')
    supabase_js.ensure()
    assert "installed with npm" in capsys.readouterr().out
    # Neither programs of packages nor a lock with addresses.
    assert {"--ignore-scripts", "--no-package-lock"} <= set(
        (home / "arguments").read_text().split()
    )


def test_it_is_brought_once_for_each_version(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = tmp_path / "package.json"
    manifest.write_text('{"dependencies": {"@supabase/supabase-js": "1.0.0"}}')
    monkeypatch.setattr(supabase_js, "MANIFEST", manifest)
    fake_npm(tmp_path, monkeypatch, "echo once >> runs")
    for _ in range(2):
        supabase_js.ensure()
    manifest.write_text('{"dependencies": {"@supabase/supabase-js": "2.0.0"}}')
    supabase_js.ensure()
    assert (home / "runs").read_text().split() == ["once", "once"]


def test_the_version_is_pinned() -> None:
    wanted = json.loads(supabase_js.MANIFEST.read_text())["dependencies"]["@supabase/supabase-js"]
    assert all(part.isdecimal() for part in wanted.split("."))
