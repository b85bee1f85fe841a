"""Every function of the product, called the way the Supabase client calls it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from tests.api.conftest import MakeVideo, rank_anew
from tests.api.people import Person

Check = Callable[[Any, Person, Person, str], bool]


def has_row_of(video_id: str) -> Callable[[Any], bool]:
    return lambda body: any(video["id"] == video_id for video in body)


def calls(
    video_id: str, comment_id: str, owner: str, other: str
) -> dict[str, tuple[dict[str, Any], Any]]:
    """Return arguments and the expected body (None for 204) of each function."""
    video = {"video_id": video_id}
    return {
        "feed": ({"page_size": 50}, has_row_of(video_id)),
        "user_videos": ({"user_id": owner, "page_size": 50}, has_row_of(video_id)),
        "trending_feed": ({"page_size": 50}, lambda body: {"id", "cursor", "rank"} <= set(body[0])),
        "my_likes": ({}, lambda body: isinstance(body, list)),
        "get_video": (video, lambda body: body["id"] == video_id),
        "update_video": (video | {"title": "New"}, lambda body: body["title"] == "New"),
        "like_video": (video | {"liked": True}, lambda body: body["liked"] is True),
        "add_video_comment": (video | {"text": "hello"}, lambda body: body["text"] == "hello"),
        "video_comments_page": (video, lambda body: len(body) >= 1),
        "record_view": (video, lambda body: body is False),
        "export_my_data": ({}, lambda body: body["next"] is None),
        "my_profile": ({}, lambda body: "username" in body),
        "my_uploads": ({}, lambda body: isinstance(body, list)),
        "update_my_profile": ({"username": "ada_" + other[-8:]}, lambda body: body["username"]),
        "block_user": ({"user_id": other}, None),
        "unblock_user": ({"user_id": other}, None),
        "report_video": (video | {"reason": "spam"}, None),
        "delete_video_comment": (video | {"comment_id": comment_id}, None),
        "delete_video": (video, None),
        "erase_me": ({}, lambda body: body is True),
    }


FOR_THE_ANONYMOUS = {
    "feed",
    "user_videos",
    "trending_feed",
    "get_video",
    "video_comments_page",
    "record_view",
}


def test_every_function_answers_its_owner(
    ada: Person, bob: Person, carol: Person, make_video: MakeVideo, admin: psycopg.Connection[Any]
) -> None:
    video_id, of_another = make_video(ada), make_video(bob)
    written = bob.rpc("add_video_comment", video_id=video_id, text="first").json()
    rank_anew(admin)
    expected = calls(video_id, written["id"], str(ada.user_id), str(carol.user_id))
    # A report of one's own video is no report; another's it is.
    expected["report_video"] = ({"video_id": of_another, "reason": "spam"}, None)

    rows = admin.execute(
        "select distinct p.proname::text from pg_proc as p "
        "where p.pronamespace = 'public'::regnamespace and p.prokind = 'f' "
        "and has_function_privilege('authenticated', p.oid, 'execute')"
    ).fetchall()
    assert {name for (name,) in rows} == set(expected)

    for function, (arguments, check) in expected.items():
        answer = ada.rpc(function, **arguments)
        if check is None:
            assert (answer.status_code, answer.content) == (204, b""), (function, answer.text)
        else:
            assert answer.status_code == 200, (function, answer.text)
            assert check(answer.json()), (function, answer.text)
        assert answer.headers["cache-control"] == "no-store, private"


def test_a_stranger_may_call_what_is_granted_to_strangers(
    nobody: Person, ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    comment = bob.rpc("add_video_comment", video_id=video_id, text="first").json()
    called = calls(video_id, comment["id"], str(ada.user_id), str(bob.user_id))
    for function, (arguments, _) in called.items():
        answer = nobody.rpc(function, **arguments)
        if function in FOR_THE_ANONYMOUS:
            assert answer.status_code == 200, (function, answer.text)
        else:
            assert (answer.status_code, answer.json()["code"]) == (401, "42501"), function


def test_times_are_as_postgres_prints_them(ada: Person, make_video: MakeVideo) -> None:
    video = ada.rpc("get_video", video_id=make_video(ada)).json()
    assert video["created_at"].endswith("+00:00")


@pytest.mark.parametrize(
    ("function", "arguments", "status", "slug"),
    [
        ("get_video", {}, 404, "video_not_found"),
        ("like_video", {}, 404, "video_not_found"),
        ("add_video_comment", {"text": "hello"}, 404, "video_not_found"),
        ("delete_video", {}, 404, "video_not_found"),
        ("record_view", {}, 404, "video_not_found"),
        ("feed", {"page_size": 0}, 400, "page_size_invalid"),
        ("user_videos", {"user_id": "x", "page_size": 0}, 400, "page_size_invalid"),
        ("my_likes", {"page_size": 0}, 400, "page_size_invalid"),
        ("trending_feed", {"page_size": 0}, 400, "page_size_invalid"),
        ("trending_feed", {"before": "x"}, 400, "cursor_invalid"),
        ("trending_feed", {"before": "1.1"}, 410, "cursor_expired"),
    ],
)
def test_our_functions_errors_pass_as_they_are(
    function: str, arguments: dict[str, Any], status: int, slug: str, ada: Person
) -> None:
    if not set(arguments) & {"page_size", "before"}:
        arguments = arguments | {"video_id": "00000000-0000-7000-8000-000000000000"}
    answer = ada.rpc(function, **arguments)
    assert answer.status_code == status
    body = answer.json()
    assert set(body) == {"code", "message", "details", "hint"}
    assert (body["code"], body["message"]) == (f"PT{status}", slug)
    assert body["details"]


def test_the_reading_functions_answer_get(
    nobody: Person, ada: Person, make_video: MakeVideo
) -> None:
    video_id = make_video(ada)
    for path, parameters in (
        ("feed", {"page_size": "1"}),
        ("user_videos", {"user_id": str(ada.user_id)}),
        ("trending_feed", {"page_size": "3"}),
        ("get_video", {"video_id": video_id}),
        ("video_comments_page", {"video_id": video_id}),
    ):
        by_get = nobody.get(f"/rest/v1/rpc/{path}", params=parameters)
        assert by_get.status_code == 200, by_get.text
        assert by_get.json() == nobody.rpc(path, **parameters).json()


def test_names_that_do_not_exist_are_cheap(ada: Person) -> None:
    """Names that do not exist cost the database one look a second, not one each."""
    started = time.monotonic()
    for n in range(50):
        assert ada.rpc(f"nowhere_{n}").status_code == 404
    assert time.monotonic() - started < 3
