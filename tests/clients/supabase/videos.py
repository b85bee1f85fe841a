"""Puts videos, comments and blocks there as the database's owner can."""

from __future__ import annotations

from typing import cast

from tests.api import conftest as api
from tests.api.people import Person as ApiPerson
from tests.clients.supabase.conftest import Person, Project


def publish(
    project: Project, owner: Person, title: str | None = None, *, age: str = "0", **facts: str
) -> str:
    """Put a video there and return its id; `facts` are columns that an administrator sets."""
    # Of a person only the id is asked there.
    somebody = cast("ApiPerson", owner)
    name = project.owner.execute(
        "select username from public.user_profiles where user_id = %s", (owner.user_id,)
    ).fetchone()
    username = name[0] if name else None
    video_id = api.insert_video(project.owner, somebody, title=title, age=age, username=username)
    for column, value in facts.items():
        statement = f"update public.videos set {column} = {value} where id = %s"
        project.owner.execute(statement.encode(), (video_id,))
    return video_id


def comment(project: Project, writer: Person, video_id: str, text: str) -> str:
    """Put a comment there and return its id."""
    row = project.owner.execute(
        "insert into public.video_comments (id, video_id, user_id, text)"
        " values (private.uuid_v7(clock_timestamp()), %s, %s, %s) returning id",
        (video_id, writer.user_id, text),
    ).fetchone()
    assert row is not None
    return str(row[0])
