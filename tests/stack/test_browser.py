"""Which browser the page is tested in, and what is to be installed for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.stack import browser


def test_the_one_that_is_named_comes_before_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/opt/chrome")
    assert browser.find() == "/opt/chrome"
    assert browser.missing() == []


def test_any_chromium_will_do_and_without_one_debians_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert browser.find() is None
    assert browser.missing() == ["chromium"]
    chrome = tmp_path / "google-chrome"
    chrome.write_text("#!/bin/sh\n")
    chrome.chmod(0o755)
    assert browser.find() == str(chrome)
    assert browser.missing() == []
