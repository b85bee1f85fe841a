"""A value of the wrong kind is refused, and what one may not see is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person
from tests.api.refusals import Unchanged, refused_cleanly


@pytest.mark.parametrize("liked", ["true", 1, 0, None, [], {}, "yes"])
def test_a_like_is_true_or_false_and_nothing_like_it(
    liked: Any, bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}/like"
    answer = bob.post(path, json={"liked": liked})
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "body_invalid")


@pytest.mark.parametrize(
    "value", [9**30, 1.5, 1e300, -1, 0, True, None, "5", [], {"a": 1}, 2**31, 2**63]
)
def test_a_number_that_is_none_never_breaks_a_function(value: Any, bob: Person) -> None:
    answer = bob.rpc("feed", page_size=value)
    valid = value == "5" or value is True or value == 2**31 - 1
    assert answer.status_code in ({200, 400} if valid else {400}), answer.text
    assert set(answer.json() if answer.status_code == 400 else {}) in (
        set(),
        {"code", "message", "details", "hint"},
    )


NOT_THERE = ["unknown", "expired", "hidden", "deleted", "of somebody who blocked us"]


@pytest.fixture
def not_there(
    ada: Person, bob: Person, carol: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> dict[str, str]:
    """Videos that bob cannot see, each for a reason that is nobody's business."""
    hidden, deleted = make_video(ada), make_video(ada)
    admin.execute("select ops.hide_video(%s, 'a test')", [hidden])
    assert ada.delete(f"/api/videos/{deleted}").status_code == 200
    blocked = make_video(carol)
    assert carol.rpc("block_user", user_id=bob.user_id).is_success
    return {
        "unknown": "01900000-0000-7000-8000-000000000000",
        "expired": make_video(ada, age="14 days 1 second"),
        "hidden": hidden,
        "deleted": deleted,
        "of somebody who blocked us": blocked,
    }


AT_A_VIDEO: dict[str, Callable[[Person, str], httpx.Response]] = {
    "GET": lambda p, v: p.get(f"/api/videos/{v}"),
    "PATCH": lambda p, v: p.patch(f"/api/videos/{v}", json={"title": "x"}),
    "DELETE": lambda p, v: p.delete(f"/api/videos/{v}"),
    "like": lambda p, v: p.post(f"/api/videos/{v}/like", json={"liked": True}),
    "view": lambda p, v: p.post(f"/api/videos/{v}/view"),
    "comments": lambda p, v: p.get(f"/api/videos/{v}/comments"),
    "comment": lambda p, v: p.post(f"/api/videos/{v}/comment", json={"text": "x"}),
    "uncomment": lambda p, v: p.delete(
        f"/api/videos/{v}/comments/01900000-0000-7000-8000-000000000000"
    ),
    "rpc like_video": lambda p, v: p.rpc("like_video", video_id=v, liked=True),
    "rpc record_view": lambda p, v: p.rpc("record_view", video_id=v),
    "rpc update_video": lambda p, v: p.rpc("update_video", video_id=v, title="x"),
    "rpc delete_video": lambda p, v: p.rpc("delete_video", video_id=v),
    "rpc add_video_comment": lambda p, v: p.rpc("add_video_comment", video_id=v, text="x"),
    "rpc report_video": lambda p, v: p.rpc("report_video", video_id=v, reason="x"),
    "rpc video_comments_page": lambda p, v: p.rpc("video_comments_page", video_id=v),
}


def test_why_a_video_is_not_there_is_not_to_be_told(
    not_there: dict[str, str], bob: Person, admin: psycopg.Connection[Any]
) -> None:
    unchanged = Unchanged(admin)
    for name, ask in AT_A_VIDEO.items():
        answers = {why: ask(bob, video_id) for why, video_id in not_there.items()}
        told = {answer.text.replace(not_there[why], "ID") for why, answer in answers.items()}
        statuses = {answer.status_code for answer in answers.values()}
        assert len(told) == 1, (name, {why: answer.text for why, answer in answers.items()})
        # An empty page is what there is of nothing; all else is not found.
        assert statuses in ({404}, {200}), name
        assert statuses == {404} or name == "rpc video_comments_page", name
    unchanged.check()


VALUES: list[Any] = [
    9**30, 2**31, 2**63, -1, 1.5, 1e300, True, None, "5", "", "NaN", "infinity", [], [1], {},
    {"a": 1}, "\u0661", "1e3", " 1", "0x10",
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_of_another_kind_is_refused_whatever_it_is_for(
    value: Any, bob: Person, ada: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id = make_video(ada)
    unchanged = Unchanged(admin)
    answers = [
        bob.rpc("get_video", video_id=value),
        bob.rpc("feed", before=value, page_size=1),
        bob.rpc("delete_video", video_id=value),
        bob.rpc("delete_video_comment", video_id=video_id, comment_id=value),
        bob.post(f"/api/videos/{video_id}/like", json={"liked": value if value is not True else 1}),
        bob.post("/api/uploads", json={"purpose": value}),
        bob.post("/api/uploads", json={"bytes": value if value != 2**31 else -1}),
        bob.post("/api/videos", json={"ticket_id": value, "file_id": "x"}),
    ]
    for number, answer in enumerate(answers):
        if value is None and answer.is_success:
            continue
        # null is no video, and its absence a default.
        allowed = {400, 404} if value is None else {400}
        assert answer.status_code in allowed, (number, answer.text)
        refused_cleanly(answer, answer.status_code)
    if value is not None:
        unchanged.check()
