"""README.md names what there is: every route, function, variable and file, and no other."""

from __future__ import annotations

import inspect
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from api import settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("docs/*.md")])

Admin = psycopg.Connection[Any]


def section(heading: str) -> str:
    """The text below a heading of the second level."""
    return README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


def cells(text: str, column: int) -> str:
    """A column of a section's tables, as one text."""
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| `")]
    return "\n".join(row[column + 1] for row in rows)


def test_the_table_of_routes_is_that_of_the_openapi_document(http: httpx.Client) -> None:
    document = http.get("/api/openapi.json").json()
    served = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    named = set()
    for cell in cells(section("What the API answers"), 0).splitlines():
        for methods, path in re.findall(r"`((?:[A-Z]+`, `|[A-Z]+ )*[A-Z]+) (/[^`?]+)`", cell):
            named |= {(method, path) for method in re.findall("[A-Z]+", methods)}
    # A HEAD is a GET without its body and stands in no OpenAPI document of its own.
    assert {route for route in named if route[0] != "HEAD"} == served


def test_the_table_of_functions_has_every_one_with_its_arguments(admin: Admin) -> None:
    callable_ones = {
        f"{name}({', '.join(arguments)})"
        for name, arguments in admin.execute(
            "select p.proname, coalesce(p.proargnames[1:p.pronargs], '{}') from pg_proc as p "
            "where p.pronamespace = 'public'::regnamespace"
        )
    }
    named = set(re.findall(r"`(\w+\([^`]*\))`", cells(section("What the database offers"), 0)))
    assert named == callable_ones


def test_what_administrators_are_told_of_is_there(admin: Admin) -> None:
    named = set(re.findall(r"\bops\.(\w+)", README))
    there = {
        name
        for (name,) in admin.execute(
            "select proname from pg_proc where pronamespace = 'ops'::regnamespace "
            "union select relname from pg_class where relnamespace = 'ops'::regnamespace"
        )
    }
    assert named
    assert named <= there


def test_every_variable_the_api_reads_is_in_the_example() -> None:
    source = inspect.getsource(settings)
    read = set(re.findall(r'"([A-Z][A-Z0-9_]{3,})"', source))
    example = (ROOT / ".env.example").read_text()
    assert "IMAGEKIT_PRIVATE_KEY" in read
    assert read == set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))


def test_every_target_that_a_document_names_is_in_the_makefile() -> None:
    told = {
        target
        for path in DOCUMENTS
        for target in re.findall(
            r"(?:`|^)make (?:-s )?([a-z][a-z-]*)", path.read_text(), re.MULTILINE
        )
    }
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"run", "demo", "test"} <= told
    assert told <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_texts_speak_of_the_project_alone() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    telling = re.compile(r"/work/|\.\./shared|\bdesign\.md\b|\bcontract\.md\b|\bCLAUDE\b", re.ASCII)
    mine = str(Path(__file__).relative_to(ROOT))
    found = [
        name
        for name in tracked
        if name != mine
        and (ROOT / name).is_file()
        and telling.search((ROOT / name).read_text(errors="replace"))
    ]
    assert found == []
