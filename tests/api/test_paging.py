"""Lists end, never repeat and never lose a row."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

from tests.api.conftest import MakeVideo, insert_video
from tests.api.people import Person


def next_path(answer: httpx.Response) -> str | None:
    """Follow `Link: <...>; rel="next"`."""
    link: str | None = answer.headers.get("link")
    if link is None:
        return None
    target, _, relation = link.partition("; ")
    assert relation == 'rel="next"'
    return target.removeprefix("<").removesuffix(">")


def test_the_feed_is_read_to_its_end_by_the_cursor(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    """What others publish meanwhile moves nothing."""
    made = [make_video(ada) for _ in range(7)]
    seen: list[str] = []
    path: str | None = "/api/videos/feed?limit=3"
    while path is not None and len(seen) < len(made):
        answer = bob.get(path)
        page = answer.json()
        ids = [video["id"] for video in page["data"]]
        assert len(ids) <= 3
        assert page["next_cursor"] == (ids[-1] if len(ids) == 3 else None)
        seen += ids
        path = next_path(answer)
        make_video(bob)
    assert seen[:7] == made[::-1]


def test_a_short_page_is_the_last(bob: Person, ada: Person, make_video: MakeVideo) -> None:
    first = make_video(ada)
    answer = bob.get("/api/videos/feed", params={"before": first, "limit": 50})
    older = answer.json()
    if len(older["data"]) < 50:
        assert older["next_cursor"] is None
        assert "link" not in answer.headers


@pytest.mark.parametrize("limit", [None, "1", "50", "51", "1000", "007", "9" * 40])
def test_a_limit_is_clamped_at_fifty(
    limit: str | None, bob: Person, ada: Person, admin: psycopg.Connection[Any]
) -> None:
    expected = 10 if limit is None else min(int(limit), 50)
    have = admin.execute("select count(*) from public.videos where age(created_at) < '1 day'")
    row = have.fetchone()
    assert row is not None
    for _ in range(row[0], 51):
        insert_video(admin, ada)
    answer = bob.get("/api/videos/feed", params={} if limit is None else {"limit": limit})
    assert len(answer.json()["data"]) == expected


def test_comments_are_read_by_cursor_while_people_write(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}"
    written = [
        bob.post(f"{path}/comment", json={"text": f"comment {n}"}).json()["data"]["id"]
        for n in range(5)
    ]
    seen: list[str] = []
    step: str | None = f"{path}/comments?limit=2"
    while step is not None:
        answer = ada.get(step)
        seen += [comment["id"] for comment in answer.json()["data"]["comments"]]
        step = next_path(answer)
        bob.post(f"{path}/comment", json={"text": "in between"})
    assert seen == written[::-1]


def test_comments_are_read_by_page_as_old_apps_do(
    ada: Person, bob: Person, make_video: MakeVideo
) -> None:
    path = f"/api/videos/{make_video(ada)}"
    for n in range(5):
        bob.post(f"{path}/comment", json={"text": f"comment {n}"})
    texts: list[str] = []
    for page in (1, 2, 3, 4):
        data = ada.get(f"{path}/comments", params={"page": page, "limit": 2}).json()["data"]
        assert data["pagination"] == {"page": page, "limit": 2, "total": 5, "totalPages": 3}
        texts += [comment["text"] for comment in data["comments"]]
    assert texts == [f"comment {n}" for n in (4, 3, 2, 1, 0)]
