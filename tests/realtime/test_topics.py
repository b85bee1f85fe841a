"""The product's own topics over a socket: who may join them, and what is told on them."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

from tests.api.conftest import insert_video
from tests.api.people import Person, person
from tests.realtime.client import Client
from tests.realtime.conftest import Open

Admin = psycopg.Connection[Any]


@pytest.fixture
def ada(http: httpx.Client, api: Any) -> Person:
    return person(http, "ada", api.jwt_secret)


@pytest.fixture
def bob(http: httpx.Client, api: Any) -> Person:
    return person(http, "bob", api.jwt_secret)


def told(client: Client) -> tuple[str, dict[str, Any]]:
    """Return the event and the payload of the next broadcast."""
    said = client.hear()
    assert said.event == "broadcast", said
    return said.payload["event"], said.payload["payload"]


def refused(client: Client, topic: str, **how: Any) -> bool:
    return client.join(topic, **how).reason.startswith("Unauthorized: ")


def test_whoever_sees_a_video_hears_its_counts_and_never_who(
    admin: Admin, ada: Person, bob: Person, open_line: Open
) -> None:
    video = insert_video(admin, ada)
    stranger = open_line()
    stranger.joined(f"video:{video}")
    bob.send("POST", f"/api/videos/{video}/like", json={"liked": True}).raise_for_status()
    event, payload = told(stranger)
    assert event == "counts"
    assert set(payload) == {"id", "video_id", "views_count", "likes_count", "comments_count"}
    assert (payload["video_id"], payload["likes_count"]) == (video, 1)
    ada.send("DELETE", f"/api/videos/{video}").raise_for_status()
    assert told(stranger)[0] == "removed"
    assert refused(open_line(), f"video:{video}")


def test_a_video_that_cannot_be_seen_cannot_be_listened_to(
    admin: Admin, api: Any, ada: Person, open_line: Open
) -> None:
    hidden = insert_video(admin, ada)
    admin.execute("select ops.hide_video(%s, 'x')", (hidden,))
    expired, held = (insert_video(admin, ada, age="14 days 2 seconds") for _ in range(2))
    admin.execute("select ops.hold_video(%s, 'x')", (held,))
    visible = insert_video(admin, ada, age="13 days 23:59:30")
    client = open_line()
    token = api.token("bob")
    for video in (hidden, held, expired):
        assert refused(client, f"video:{video}", access_token=token), video
    for topic in ("video:", "video:x", f"video:{visible.upper()}", f"video:{visible} "):
        assert refused(client, topic, access_token=token), topic
    client.joined(f"video:{visible}", access_token=token)


def test_a_persons_topic_is_his_alone_and_ends_with_a_suspension(
    admin: Admin, api: Any, open_line: Open
) -> None:
    topic = "user:zoe"
    assert refused(open_line(), topic)
    assert refused(open_line(), topic, access_token=api.token("bob"))
    zoe = open_line()
    zoe.joined(topic, access_token=api.token("zoe"))
    admin.execute("insert into public.user_profiles (user_id) values ('zoe')")
    admin.execute("select private.tell_user('zoe', 'video_commented', '{}')")
    assert told(zoe)[0] == "video_commented"
    admin.execute("select ops.suspend_user('zoe', now() + interval '1 hour', 'x')")
    event, payload = told(zoe)
    assert event == "suspended"
    assert set(payload) == {"id", "ends_at"}
    # Also what is sent past private.tell_user(): the channel is asked about again.
    admin.execute("select private.tell_user('zoe', 'video_commented', '{}')")
    admin.execute("select pg_sleep(1)")
    admin.execute("select realtime.send('{}', 'x', %s)", (topic,))
    assert zoe.hear().event != "broadcast"
    assert refused(open_line(), topic, access_token=api.token("zoe"))
    admin.execute("select ops.unsuspend_user('zoe')")
    open_line().joined(topic, access_token=api.token("zoe"))
