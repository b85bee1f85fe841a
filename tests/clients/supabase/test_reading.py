"""`.from()` under row-level security: what an app selects, filters, orders and embeds."""

from __future__ import annotations

import uuid

import pytest

from tests.clients.supabase.conftest import Link, Person, Project, Said
from tests.clients.supabase.videos import comment, publish

pytestmark = pytest.mark.slow


@pytest.fixture
def three(project: Project, ada: Person) -> list[str]:
    """Three videos, the newest first."""
    titles = {"one": "3 hours", "two": "2 hours", "three": "1 hour"}
    ids = [publish(project, ada, title, age=age) for title, age in titles.items()]
    return ids[::-1]


def titles(said: Said) -> list[str]:
    assert said.error is None, said.error
    return [video["title"] for video in said.data]


def of(person: Person) -> tuple[Link, ...]:
    return (("from", "videos"), ("select", "id, title"), ("eq", "user_id", person.user_id))


NEWEST_FIRST = ("order", "created_at", {"ascending": False})


def test_rows_are_filtered_ordered_and_limited(
    three: list[str], ada: Person, nobody: Person
) -> None:
    oldest_first = ("order", "created_at", {"ascending": True})
    assert titles(nobody.call(*of(ada), NEWEST_FIRST)) == ["three", "two", "one"]
    assert titles(nobody.call(*of(ada), oldest_first, ("limit", 2))) == ["one", "two"]
    assert titles(nobody.call(*of(ada), NEWEST_FIRST, ("range", 1, 2))) == ["two", "one"]
    for condition, found in (
        (("in", "title", ["one", "three"]), {"one", "three"}),
        (("neq", "title", "one"), {"two", "three"}),
        (("like", "title", "t%"), {"two", "three"}),
        (("ilike", "title", "%O%"), {"one", "two"}),
        (("or", "title.eq.one,title.eq.two"), {"one", "two"}),
        (("is", "description", None), {"one", "two", "three"}),
        (("gte", "views_count", 1), set()),
        (("match", {"title": "one", "likes_count": 0}), {"one"}),
    ):
        assert set(titles(nobody.call(*of(ada), condition))) == found, condition


def test_one_row_is_one_or_an_error(three: list[str], ada: Person, nobody: Person) -> None:
    one = (*of(ada), ("eq", "title", "one"))
    none = (*of(ada), ("eq", "title", "none"))
    assert nobody.call(*one, ("single",)).data["title"] == "one"
    assert nobody.call(*one, ("maybeSingle",)).data["title"] == "one"
    assert nobody.call(*none, ("maybeSingle",)).data is None
    assert nobody.call(*none, ("maybeSingle",)).error is None
    assert nobody.call(*none, ("single",)).code == "PGRST116"
    assert nobody.call(*of(ada), ("single",)).code == "PGRST116"


def test_rows_are_counted(three: list[str], ada: Person, nobody: Person) -> None:
    counted = ("select", "*", {"count": "exact", "head": True})
    said = nobody.call(("from", "videos"), counted, ("eq", "user_id", ada.user_id))
    assert (said.count, said.error) == (3, None)
    page = ("select", "title", {"count": "exact"})
    said = nobody.call(("from", "videos"), page, ("eq", "user_id", ada.user_id), ("limit", 1))
    assert (said.count, len(said.data)) == (3, 1)


def test_comments_and_profiles_are_embedded(
    project: Project, ada: Person, bob: Person, nobody: Person
) -> None:
    video = publish(project, ada, "a title")
    comment(project, bob, video, "first")
    comment(project, ada, video, "second")
    whole = ("select", "*, video_comments(*), user_profiles(*)")
    said = nobody.call(("from", "videos"), whole, ("eq", "id", video), ("single",))
    assert said.error is None, said.error
    assert said.data["title"] == "a title"
    assert said.data["user_profiles"]["user_id"] == ada.user_id
    assert {one["text"] for one in said.data["video_comments"]} == {"first", "second"}
    newest = (
        ("select", "id, video_comments(text, user_profiles(username))"),
        ("eq", "id", video),
        ("order", "id", {"ascending": False, "foreignTable": "video_comments"}),
        ("limit", 1, {"foreignTable": "video_comments"}),
        ("single",),
    )
    (last,) = nobody.call(("from", "videos"), *newest).data["video_comments"]
    assert ada.user_id is not None
    username = ada.user_id.replace("-", ".")
    assert last == {"text": "second", "user_profiles": {"username": username}}


def test_what_is_embedded_is_what_one_may_see(
    project: Project, ada: Person, bob: Person, nobody: Person
) -> None:
    video = publish(project, ada)
    comment(project, ada, video, "mine")
    comment(project, bob, video, "bob's")
    ada.call(("from", "user_blocks"), ("insert", {"blocked_user_id": bob.user_id}))
    embedded = (("from", "videos"), ("select", "id, video_comments(text), video_likes(user_id)"))

    def texts(person: Person) -> list[str]:
        found = person.call(*embedded, ("eq", "id", video)).data
        return sorted(one["text"] for row in found for one in row["video_comments"])

    assert texts(nobody) == ["bob's", "mine"]
    assert texts(ada) == ["mine"]
    # Those who blocked each other do not even see the video.
    assert bob.call(*embedded, ("eq", "id", video)).data == []
    # The other way in: a comment's video is looked at with the same eyes.
    through = (
        ("from", "video_comments"),
        ("select", "text, videos(id)"),
        ("eq", "video_id", video),
    )
    assert bob.call(*through).data == []


def test_only_what_is_visible_is_found(project: Project, ada: Person, nobody: Person) -> None:
    shown = publish(project, ada)
    publish(project, ada, hidden_at="now()")
    publish(project, ada, deleted_at="now()")
    publish(project, ada, age="15 days")
    for table in ("videos", "video_feed"):
        mine = (("from", table), ("select", "id"), ("eq", "user_id", ada.user_id))
        for person in (nobody, ada):
            assert person.call(*mine).data == [{"id": shown}]


def test_a_like_is_seen_by_its_liker_and_the_owner(
    project: Project, ada: Person, bob: Person, nobody: Person
) -> None:
    video = publish(project, ada)
    assert bob.call(("from", "video_likes"), ("insert", {"video_id": video})).error is None
    likes = (("from", "video_likes"), ("select", "user_id"), ("eq", "video_id", video))
    assert bob.call(*likes).data == [{"user_id": bob.user_id}]
    assert ada.call(*likes).data == [{"user_id": bob.user_id}]
    assert nobody.call(*likes).data == []
    feed = (("from", "video_feed"), ("select", "likes_count, liked_by_me"), ("eq", "id", video))
    assert bob.call(*feed).data == [{"likes_count": 1, "liked_by_me": True}]
    assert nobody.call(*feed).data == [{"likes_count": 1, "liked_by_me": False}]


def test_no_more_than_a_thousand_rows_come_at_once(project: Project, nobody: Person) -> None:
    mark = uuid.uuid4().hex[:8]
    project.owner.execute(
        "insert into public.user_profiles (user_id)"
        " select %s || n from generate_series(1, 1001) as n",
        (mark,),
    )
    many = (("select", "user_id", {"count": "exact"}), ("like", "user_id", f"{mark}%"))
    said = nobody.call(("from", "user_profiles"), *many)
    assert (len(said.data), said.count) == (1000, 1001)


def test_what_is_not_there_is_said_in_our_words(nobody: Person) -> None:
    for chain, code, message in (
        ((("from", "nowhere"), ("select", "*")), "42P01", "relation_not_found"),
        ((("from", "videos"), ("select", "nothing")), "42703", "column_not_found"),
        ((("from", "videos"), ("select", "*"), ("eq", "id", "x")), "22P02", "value_invalid"),
    ):
        said = nobody.call(*chain)
        assert (said.code, said.message) == (code, message)


@pytest.mark.parametrize("schema", ["private", "ops", "deploy", "partitions", "realtime", "auth"])
def test_other_schemas_are_shut(schema: str, ada: Person) -> None:
    said = ada.call(("schema", schema), ("from", "settings"), ("select", "*"))
    assert said.code == "PGRST106"
