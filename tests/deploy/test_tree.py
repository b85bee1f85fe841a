"""The folder is read whole, in order, and refused where a file does not belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.deployment.errors import DeployError
from db.deployment.tree import Tree, read_tree
from tests.deploy.folders import AUTHOR, LATEST, NOTES, POLICIES, STAMP, VIEW, write_files


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def refused(root: Path) -> str:
    with pytest.raises(DeployError) as refusal:
        read_tree(root)
    return str(refusal.value)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_files(tmp_path)
    return tmp_path


def test_files_are_read_in_the_order_of_their_folders(root: Path) -> None:
    tree = read_tree(root)

    assert [file.path for file in tree.migrations] == [NOTES]
    assert [file.path for file in tree.functions] == [AUTHOR, STAMP, VIEW, LATEST]
    assert [file.path for file in tree.policies] == [POLICIES]


def test_this_project_s_own_folder_is_in_order() -> None:
    tree = read_tree(Path(__file__).parents[2] / "db")

    positions = {file.name: place for place, file in enumerate(tree.functions)}
    assert positions["viewer_id"] < positions["video_feed"] < positions["feed"]
    assert len(tree.migrations) > 1


def functions_of(root: Path, **headers: str) -> list[str]:
    for name, header in headers.items():
        write(root, f"functions/ops/{name}.sql", f"{header}\nselect 1;")
    tree: Tree = read_tree(root)
    return [file.name for file in tree.functions if file.name in headers]


def test_a_header_puts_a_file_behind_those_it_names(root: Path) -> None:
    assert functions_of(root, a="-- depends: c, b", b="-- depends: c", c="") == ["c", "b", "a"]


def test_a_header_may_name_a_file_of_a_later_folder(root: Path) -> None:
    write(root, "functions/private/a_first.sql", "-- depends: views/note_list\nselect 1;")

    paths = [file.path for file in read_tree(root).functions]

    assert paths == [AUTHOR, STAMP, VIEW, "functions/private/a_first.sql", LATEST]


def test_a_header_that_names_nothing_is_refused(root: Path) -> None:
    write(root, "functions/ops/one.sql", "\n-- depends: two\nselect 1;")
    assert refused(root) == "functions/ops/one.sql:2: depends on two: no such file"


def test_headers_that_go_in_a_circle_are_refused(root: Path) -> None:
    write(root, "functions/ops/one.sql", "-- depends: two\nselect 1;")
    write(root, "functions/ops/two.sql", "-- depends: one\nselect 1;")
    assert "functions/ops/one.sql, functions/ops/two.sql" in refused(root)


def test_two_migrations_with_one_number_are_refused(root: Path) -> None:
    write(root, "migrations/20260101000000_other.sql", "select 1;")
    assert f"20260101000000_other.sql: has the same number as {NOTES}" in refused(root)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("migrations/2026_short.sql", "migrations/2026_short.sql"),
        ("migrations/20260102000000-dash.sql", "migrations/20260102000000-dash.sql"),
        ("migrations/20260102000000_Capital.sql", "migrations/20260102000000_Capital.sql"),
        ("migrations/notes.txt", "migrations/notes.txt"),
        ("functions/private/Capital.sql", "functions/private/Capital.sql"),
        ("functions/helpers/one.sql", "functions/helpers"),
        ("functions/private/other.one.sql", "functions/private/other.one.sql"),
        ("policies/deeper/notes.sql", "policies/deeper"),
        ("policies/some.other.notes.sql", "policies/some.other.notes.sql"),
    ],
)
def test_a_file_that_would_be_overlooked_is_refused(root: Path, path: str, named: str) -> None:
    write(root, path, "select 1;")
    assert refused(root).startswith(f"{named}: ")


@pytest.mark.parametrize(
    "statement",
    ["commit", "ROLLBACK", "begin", "end", "abort", "start transaction", "prepare transaction 'x'"],
)
def test_a_file_that_would_end_the_transaction_is_refused(root: Path, statement: str) -> None:
    write(root, "functions/ops/one.sql", f"select 1;\n-- and now\n{statement};\n")
    assert refused(root).startswith("functions/ops/one.sql:3: ")


def test_a_name_without_a_schema_is_refused(root: Path) -> None:
    write(root, "functions/ops/one.sql", "\ncreate or replace view one as select 1;")
    assert refused(root) == "functions/ops/one.sql:2: one: write its schema before it"


def test_a_folder_with_nothing_to_deploy_is_refused(tmp_path: Path) -> None:
    assert "nothing to deploy" in refused(tmp_path)
