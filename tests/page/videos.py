"""Titles and videos of a test's own, so that no test meets another's."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg

from tests.page.conftest import Front

Owner = psycopg.Connection[Any]


def a_title(words: str) -> str:
    return f"{words} {uuid.uuid4().hex[:6]}"


def insert_videos(
    owner: Owner, front: Front, how_many: int, *, age: str, by: str = "grace"
) -> list[str]:
    """Put videos there as the database's owner can; gives their titles, newest first."""
    titles = [f"{age} old, number {number}" for number in range(how_many)]
    with owner.transaction():
        owner.execute(
            "insert into public.user_profiles (user_id, username) values (%s, %s) "
            "on conflict do nothing",
            (by, by),
        )
        owner.execute(
            "select private.ensure_day(((now() - %s::interval) at time zone 'utc')::date)", (age,)
        )
        for number, title in enumerate(titles):
            owner.execute(
                "insert into public.videos (id, user_id, title, video_url, created_at) "
                "select private.uuid_v7(at), %s, %s, %s, at "
                "from (select now() - %s::interval - %s * interval '1 second' as at) as t",
                (by, title, f"{front.imagekit.url_endpoint}/{by}-{number}.mp4", age, number),
            )
    return titles
