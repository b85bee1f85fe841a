"""The stand-in in a project that has nothing but its directory, used as its README says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imagekit.running import ROOT

TESTS = """
from imagekitio import ImageKit


def test_one_file(imagekit):
    with ImageKit(private_key="private_test", base_url=imagekit) as sdk:
        sdk.files.upload(file=b"GIF89a", file_name="a.gif")
        assert len(sdk.assets.list()) == 1


def test_nothing_is_left_of_the_test_before(imagekit):
    with ImageKit(private_key="private_test", base_url=imagekit) as sdk:
        assert sdk.assets.list() == []
"""


@pytest.mark.slow
def test_another_project_uses_it_as_the_readme_says(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "dev" / "imagekit", tmp_path / "dev" / "imagekit")
    readme = (ROOT / "dev" / "imagekit" / "README.md").read_text()
    [fixtures] = re.findall(r"```python\n(@pytest.fixture.*?)```", readme, re.DOTALL)
    imports = "import re, subprocess, sys\nimport httpx, pytest\n"
    (tmp_path / "conftest.py").write_text(imports + fixtures)
    (tmp_path / "test_theirs.py").write_text(TESTS)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("IMAGEKIT_", "PYTEST_", "PYTHON"))
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", "."],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
