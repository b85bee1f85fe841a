"""The direct writes of the contract, each with every column: those that pass and all others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.supabase.conftest import Person, Project, Said
from tests.clients.supabase.videos import comment, publish

pytestmark = pytest.mark.slow

REFUSED = ("42501", "permission_denied")

# Who may write what: the contract's list, and the request's own id beside a comment.
INSERTS = {
    "video_likes": {"video_id"},
    "video_comments": {"video_id", "text", "request_id"},
    "user_blocks": {"blocked_user_id"},
    "videos": set[str](),
    "user_profiles": set[str](),
}
UPDATES = {
    "videos": {"title", "description"},
    "user_profiles": {"username", "avatar"},
    "video_likes": set[str](),
    "video_comments": set[str](),
    "user_blocks": set[str](),
}
DELETES = {"video_likes", "video_comments", "user_blocks"}

Columns = Callable[[str], list[str]]


@pytest.fixture
def columns(project: Project) -> Columns:
    """Every column there is, so that one which is new is tried as well."""

    def named(table: str) -> list[str]:
        rows = project.owner.execute(
            "select attname from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            (f"public.{table}",),
        ).fetchall()
        return [name for (name,) in rows]

    return named


@pytest.fixture
def video(project: Project, ada: Person) -> str:
    return publish(project, ada, "a title")


def insert(person: Person, table: str, row: dict[str, Any]) -> Said:
    return person.call(("from", table), ("insert", row), ("select",))


def own_key(table: str) -> str:
    return "user_id" if table != "videos" else "id"


def test_a_like_is_given_and_taken_back(video: str, bob: Person) -> None:
    given = insert(bob, "video_likes", {"video_id": video})
    assert given.error is None
    assert given.data[0]["user_id"] == bob.user_id
    # The second is silently nothing.
    assert insert(bob, "video_likes", {"video_id": video}).data == []
    taken = bob.call(("from", "video_likes"), ("delete",), ("eq", "video_id", video), ("select",))
    assert [like["user_id"] for like in taken.data] == [bob.user_id]


def test_a_comment_is_written_and_deleted(video: str, ada: Person, bob: Person) -> None:
    written = insert(bob, "video_comments", {"video_id": video, "text": "  hello "})
    assert written.data[0]["text"] == "hello"
    assert written.data[0]["user_id"] == bob.user_id
    refused = insert(bob, "video_comments", {"video_id": video, "text": " "})
    assert (refused.code, refused.message) == ("PT400", "comment_empty")
    of_bob = (("eq", "id", written.data[0]["id"]), ("select",))
    # The video's owner may as well.
    deleted = ada.call(("from", "video_comments"), ("delete",), *of_bob)
    assert len(deleted.data) == 1


def test_a_comment_may_be_sent_again(video: str, bob: Person) -> None:
    row = {
        "video_id": video,
        "text": "hello",
        "request_id": "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f",
    }
    assert len(insert(bob, "video_comments", row).data) == 1
    assert insert(bob, "video_comments", row).data == []
    other = insert(bob, "video_comments", row | {"text": "other"})
    assert (other.code or "").startswith("PT422")


def test_titles_are_changed_by_their_owner(video: str, ada: Person, bob: Person) -> None:
    change = (("update", {"title": "new", "description": "d"}), ("eq", "id", video), ("select",))
    changed = ada.call(("from", "videos"), *change)
    assert [(one["title"], one["description"]) for one in changed.data] == [("new", "d")]
    assert bob.call(("from", "videos"), *change).data == []


def test_a_profile_is_changed_by_its_person(ada: Person, bob: Person) -> None:
    def rename(person: Person, name: str) -> Said:
        mine = ("eq", "user_id", ada.user_id)
        return person.call(
            ("from", "user_profiles"), ("update", {"username": name}), mine, ("select",)
        )

    assert ada.user_id is not None
    name = ada.user_id.replace("-", "_")
    assert [one["username"] for one in rename(ada, name).data] == [name]
    assert rename(bob, f"{name}x").data == []
    assert bob.user_id is not None
    taken = rename(ada, bob.user_id.replace("-", "."))
    assert (taken.code, taken.message) == ("PT409", "username_taken")


def test_a_block_is_put_and_lifted(ada: Person, bob: Person) -> None:
    put = insert(ada, "user_blocks", {"blocked_user_id": bob.user_id})
    assert [one["user_id"] for one in put.data] == [ada.user_id]
    lift = (("delete",), ("eq", "blocked_user_id", bob.user_id), ("select",))
    assert bob.call(("from", "user_blocks"), *lift).data == []
    assert len(ada.call(("from", "user_blocks"), *lift).data) == 1


@pytest.mark.parametrize("table", INSERTS)
def test_no_other_column_is_inserted(table: str, columns: Columns, video: str, bob: Person) -> None:
    good = {"video_id": video, "text": "hi", "blocked_user_id": "somebody"}
    allowed = INSERTS[table]
    needed = {name: value for name, value in good.items() if name in allowed}
    others = set(columns(table)) - allowed
    assert others
    for column in others:
        said = insert(bob, table, needed | {column: None})
        assert (said.code, said.message) == REFUSED, column


@pytest.mark.parametrize("table", UPDATES)
def test_no_other_column_is_updated(table: str, columns: Columns, video: str, ada: Person) -> None:
    mine = ("eq", own_key(table), video if table == "videos" else ada.user_id)
    others = set(columns(table)) - UPDATES[table]
    assert others
    for column in others:
        said = ada.call(("from", table), ("update", {column: None}), mine)
        assert (said.code, said.message) == REFUSED, column


@pytest.mark.parametrize("table", sorted(INSERTS.keys() - DELETES))
def test_nothing_else_is_deleted(table: str, video: str, ada: Person) -> None:
    mine = ("eq", own_key(table), video if table == "videos" else ada.user_id)
    said = ada.call(("from", table), ("delete",), mine)
    assert (said.code, said.message) == REFUSED


def test_nobody_writes_without_signing_in(
    project: Project, video: str, ada: Person, nobody: Person
) -> None:
    comment(project, ada, video, "mine")
    everything = (
        (("from", "video_likes"), ("insert", {"video_id": video})),
        (("from", "video_comments"), ("insert", {"video_id": video, "text": "hi"})),
        (("from", "user_blocks"), ("insert", {"blocked_user_id": ada.user_id})),
        (("from", "videos"), ("update", {"title": "x"}), ("eq", "id", video)),
        (("from", "user_profiles"), ("update", {"avatar": None}), ("eq", "user_id", ada.user_id)),
        *((("from", table), ("delete",), ("neq", "user_id", "x")) for table in sorted(DELETES)),
    )
    for chain in everything:
        said = nobody.call(*chain)
        assert (said.code, said.message) == REFUSED, chain
        assert said.status in {401, None}


def test_an_upsert_changes_nothing(video: str, ada: Person, bob: Person) -> None:
    row = {"video_id": video, "text": "hi"}
    said = bob.call(("from", "video_comments"), ("upsert", row))
    assert (said.code, said.message) == REFUSED
    profile = {"user_id": ada.user_id, "username": "stolen"}
    assert bob.call(("from", "user_profiles"), ("upsert", profile)).code == "42501"


def test_writes_meet_the_limits_of_every_other_door(
    project: Project, video: str, bob: Person
) -> None:
    project.owner.execute("select ops.suspend_user(%s, reason => 'a test')", (bob.user_id,))
    said = insert(bob, "video_likes", {"video_id": video})
    assert (said.code, said.message) == ("PT403", "suspended")


def test_a_view_is_only_read(video: str, ada: Person) -> None:
    for chain in (
        (("update", {"title": "x"}), ("eq", "id", video)),
        (("delete",), ("eq", "id", video)),
    ):
        said = ada.call(("from", "video_feed"), *chain)
        assert (said.code, said.message) == ("55000", "view_read_only")
