"""Limits and suspensions, as they are told over HTTP."""

from __future__ import annotations

import asyncio
import re
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from tests.api.conftest import MakeVideo, insert_video
from tests.api.people import Person, person
from tests.api.serving import environment, process

Admin = psycopg.Connection[Any]
RULE = "select ops.set_rate_rule(%s, %s, %s)"


@pytest.fixture
def rule(admin: Admin) -> Iterator[Any]:
    """Set a rule; all are as they were afterwards."""
    before = admin.execute("select action, burst, per from private.rate_rules").fetchall()
    yield lambda action, burst, per: admin.execute(RULE, (action, burst, per))
    for action, burst, per in before:
        admin.execute(RULE, (action, burst, per))


@pytest.fixture
def video(ada: Person, make_video: MakeVideo) -> str:
    return make_video(ada)


def test_the_fourth_of_three_is_a_429_that_says_when(bob: Person, video: str, rule: Any) -> None:
    rule("like", 3, "1 minute")
    path = f"/api/videos/{video}/like"
    for _ in range(3):
        assert bob.post(path, json={"liked": True}).status_code == 200
    answer = bob.post(path, json={"liked": True})
    wait = int(answer.headers["retry-after"])
    assert 15 < wait <= 20
    assert answer.status_code == 429
    assert answer.json() == {
        "success": False,
        "message": "You have done this too often in a short time.",
        "error": {
            "code": "PT429",
            "message": "rate_limited",
            "details": "You have done this too often in a short time.",
            "hint": f"Try again in {wait} seconds.",
        },
    }
    by_rpc = bob.rpc("like_video", video_id=video)
    assert by_rpc.status_code == 429
    assert by_rpc.json() == {
        "code": "PT429",
        "message": "rate_limited",
        "details": "You have done this too often in a short time.",
        "hint": f"Try again in {by_rpc.headers['retry-after']} seconds.",
    }
    assert bob.get(f"/api/videos/{video}").status_code == 200


def writes(video: str, own: str, comment: str) -> list[tuple[str, str, str, dict[str, Any] | None]]:
    """Every route that writes: its action, its method, its path and what to send."""
    nobody = "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f"
    return [
        ("like", "POST", f"/api/videos/{video}/like", {"liked": True}),
        ("like", "POST", "/rest/v1/rpc/like_video", {"video_id": video}),
        ("comment", "POST", f"/api/videos/{video}/comment", {"text": "hi"}),
        ("comment", "POST", "/rest/v1/rpc/add_video_comment", {"video_id": video, "text": "hi"}),
        ("delete_comment", "DELETE", f"/api/videos/{video}/comments/{comment}", None),
        (
            "delete_comment",
            "POST",
            "/rest/v1/rpc/delete_video_comment",
            {"video_id": video, "comment_id": comment},
        ),
        ("record_view", "POST", f"/api/videos/{video}/view", None),
        ("record_view", "POST", "/rest/v1/rpc/record_view", {"video_id": video}),
        ("report_video", "POST", "/rest/v1/rpc/report_video", {"video_id": video, "reason": "x"}),
        ("update_video", "PATCH", f"/api/videos/{own}", {"title": "new"}),
        ("update_video", "POST", "/rest/v1/rpc/update_video", {"video_id": own, "title": "new"}),
        ("delete_video", "DELETE", f"/api/videos/{own}", None),
        ("delete_video", "POST", "/rest/v1/rpc/delete_video", {"video_id": own}),
        ("block", "POST", "/rest/v1/rpc/block_user", {"user_id": "somebody"}),
        ("block", "POST", "/rest/v1/rpc/unblock_user", {"user_id": "a blocked one"}),
        ("update_profile", "POST", "/rest/v1/rpc/update_my_profile", {"username": ""}),
        ("erase_me", "POST", "/rest/v1/rpc/erase_me", {}),
        ("sign_upload", "POST", "/api/uploads", {}),
        ("sign_upload", "GET", "/api/auth/imagekit", None),
        ("publish_upload", "POST", "/api/videos", {"ticket_id": nobody, "file_id": "x"}),
        ("publish_upload", "PUT", "/api/profile/avatar", {"ticket_id": nobody, "file_id": "x"}),
    ]


@pytest.fixture
def doors(admin: Admin, bob: Person, video: str) -> list[tuple[str, Any]]:
    """Every route that writes, ready to be asked by bob, with its action."""
    own = insert_video(admin, bob)
    comment = bob.post(f"/api/videos/{video}/comment", json={"text": "first"}).json()["data"]["id"]
    bob.rpc("block_user", user_id="a blocked one")

    def ask(method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        return bob.send(method, path, json=body) if body is not None else bob.send(method, path)

    return [
        (action, lambda method=method, path=path, body=body: ask(method, path, body))
        for action, method, path, body in writes(video, own, comment)
    ]


def test_every_route_that_writes_is_limited(
    admin: Admin, bob: Person, nobody: Person, doors: list[tuple[str, Any]], video: str
) -> None:
    use_up = (
        "insert into private.rate_states (subject, action, per, full_at) "
        "select %s, r.action, r.per, now() + r.per from private.rate_rules as r "
        "on conflict (subject, action, per) do update set full_at = excluded.full_at"
    )
    assert {action for action, _ in doors} == {
        action for (action,) in admin.execute("select action from private.rate_rules").fetchall()
    }
    admin.execute(use_up, (f"user:{bob.user_id}",))
    for action, ask in doors:
        answer = ask()
        assert answer.status_code == 429, (action, answer.text)
        assert int(answer.headers["retry-after"]) > 0
    for path in ("/api/videos/feed", f"/api/videos/{video}", f"/api/videos/{video}/comments"):
        assert bob.get(path).status_code == 200
    # One stranger's goes are his own; this one has no address but the test's.
    assert nobody.post(f"/api/videos/{video}/view").status_code == 200


def test_every_route_that_writes_is_closed_to_a_suspended_person(
    admin: Admin, bob: Person, carol: Person, doors: list[tuple[str, Any]], video: str
) -> None:
    suspend = "select ops.suspend_user(%s, '2126-01-02 03:04:05+00', 'spam')"
    admin.execute(suspend, (bob.user_id,))
    for action, ask in doors:
        if action == "erase_me":
            continue
        answer = ask()
        error = answer.json().get("error", answer.json())
        assert (answer.status_code, error["message"]) == (403, "suspended"), action
        assert "2126-01-02T03:04:05.000Z" in error["details"]
    for path in ("/api/videos/feed", f"/api/videos/{video}", f"/api/videos/{video}/comments"):
        assert bob.get(path).status_code == 200
    assert bob.rpc("my_profile").status_code == 200
    assert bob.rpc("export_my_data").status_code == 200
    assert carol.post(f"/api/videos/{video}/like").status_code == 200

    admin.execute("select ops.unsuspend_user(%s)", (bob.user_id,))
    assert bob.post(f"/api/videos/{video}/like").status_code == 200
    admin.execute(suspend, (bob.user_id,))
    assert bob.rpc("erase_me").json() is True


def test_a_suspension_does_not_let_a_file_through_that_is_uploaded(
    admin: Admin, bob: Person
) -> None:
    uploaded = bob.upload()
    admin.execute("select ops.suspend_user(%s, null, 'spam')", (bob.user_id,))
    assert bob.post("/api/videos", json=uploaded.body).status_code == 403
    admin.execute("select ops.unsuspend_user(%s)", (bob.user_id,))
    again = bob.post("/api/videos", json=uploaded.body)
    assert (again.status_code, again.json()["error"]["message"]) == (410, "upload_expired")
    state = bob.get(f"/api/uploads/{uploaded.ticket_id}").json()["data"]
    assert (state["state"], state["reason"]) == ("failed", "suspended")


def test_a_signature_that_fails_has_been_one_try(bob: Person, rule: Any) -> None:
    rule("sign_upload", 2, "1 hour")
    for _ in range(2):
        assert bob.post("/api/uploads", json={"mime": "image/png"}).status_code == 415
    answer = bob.post("/api/uploads", json={})
    assert (answer.status_code, answer.json()["error"]["message"]) == (429, "rate_limited")
    assert 1700 < int(answer.headers["retry-after"]) <= 1800
    assert bob.get("/api/auth/imagekit").status_code == 429


def test_tickets_and_bytes_say_when_there_is_room_again(admin: Admin, bob: Person) -> None:
    bob.ticket(bytes=1000)
    for setting, limit, slug, longest in (
        ("tickets_per_hour", "1", "too_many_uploads", 3600),
        ("bytes_per_day", "1500", "too_many_bytes", 86400),
    ):
        row = admin.execute(f"select {setting}::text from private.settings").fetchone()
        assert row is not None
        admin.execute("select ops.set_setting(%s, %s)", (setting, limit))
        try:
            answer = bob.post("/api/uploads", json={"bytes": 1000})
        finally:
            admin.execute("select ops.set_setting(%s, %s)", (setting, row[0]))
        assert (answer.status_code, answer.json()["error"]["message"]) == (429, slug)
        assert longest - 60 < int(answer.headers["retry-after"]) <= longest


FLOOD = 64
FLOOD_S = 5.0
# Between two calls of one connection, so that it is not the test that takes the machine.
BREATH_S = 0.1
# What a commit costs that waits for a replica.
SLOW_COMMIT_S = 0.02


@pytest.fixture
def slow_likes(
    clone_database: Any, imagekit: Any, api: Any
) -> Iterator[tuple[str, Person, list[str]]]:
    """An API as it is deployed, on a database where likes are slow: its URL, and videos."""
    database = clone_database()
    with psycopg.connect(database.owner_url, autocommit=True) as owner:
        # Only three at a time are to stand in the way here, not so many a minute.
        owner.execute(RULE, ("like", 100000, "1 minute"))
        owner.execute(
            "create function public.slow() returns trigger language plpgsql as "
            f"$$ begin perform pg_catalog.pg_sleep({SLOW_COMMIT_S}); return null; end $$"
        )
        owner.execute(
            "create trigger slow after insert or delete on public.video_likes "
            "for each statement execute function public.slow()"
        )
        given = environment(database, imagekit, api.jwt_secret, API_POOL_SIZE=None)
        with process(given) as (server, url), httpx.Client(base_url=url, timeout=30) as client:
            assert server.stdout is not None
            # Or it stops for want of somebody to read its log.
            threading.Thread(target=server.stdout.read, daemon=True).start()
            ada = person(client, "ada", api.jwt_secret)
            yield url, ada, [insert_video(owner, ada) for _ in range(8)]


@pytest.mark.slow
def test_the_flood_of_one_person_leaves_the_feed_of_others_quick(
    slow_likes: tuple[str, Person, list[str]], api: Any
) -> None:
    url, ada, videos = slow_likes
    bob = person(ada.http, "bob", api.jwt_secret)
    statuses: Counter[int] = Counter()
    flood = threading.Thread(target=lambda: statuses.update(asyncio.run(_flood(url, bob, videos))))
    flood.start()
    feed_ms: list[float] = []
    while flood.is_alive():
        begun = time.perf_counter()
        assert ada.get("/api/videos/feed").status_code == 200
        feed_ms.append((time.perf_counter() - begun) * 1000)
    flood.join()
    p99 = statistics.quantiles(feed_ms, n=100)[98]
    assert p99 < 300, f"p50 {statistics.median(feed_ms):.0f} ms, p99 {p99:.0f} ms, {statuses}"
    assert len(feed_ms) > 100
    assert set(statuses) == {200, 429}


async def _flood(url: str, attacker: Person, videos: list[str]) -> Counter[int]:
    """Like and unlike on many connections of one person; the statuses he got."""
    where = urlsplit(url)
    ends = time.monotonic() + FLOOD_S
    statuses: Counter[int] = Counter()

    async def attack(number: int) -> None:
        request = (
            f"POST /api/videos/{videos[number % len(videos)]}/like HTTP/1.1\r\n"
            f"host: {where.netloc}\r\nauthorization: {attacker.headers['authorization']}\r\n"
            "content-length: 0\r\n\r\n"
        ).encode()
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        while time.monotonic() < ends:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None
            await reader.readexactly(int(length[1]))
            statuses[int(head.split(b" ", 2)[1])] += 1
            await asyncio.sleep(BREATH_S)
        writer.close()

    await asyncio.gather(*(attack(number) for number in range(FLOOD)))
    return statuses
