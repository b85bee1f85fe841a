"""What happens while somebody is being erased, and how long a person with much takes."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.support.sessions import Connect, Connection, value, wait_until_blocked

LIKES = "select likes_count from public.like_video(%s)"


@pytest.fixture
def video(connect: Connect) -> Any:
    owner = connect()
    video_id = value(owner, "select tests.video('ada')")
    owner.commit()
    return video_id


def test_nobody_waits_for_who_is_being_erased(connect: Connect, video: Any) -> None:
    zoe, bob, owner = connect("zoe"), connect("bob"), connect()
    zoes = value(owner, "select tests.video('zoe')")
    owner.commit()
    zoe.execute(LIKES, [video])
    zoe.execute("select public.add_video_comment(%s, 'hi')", [video])
    zoe.commit()
    zoe.execute("select tests.sign_in('zoe')")
    assert value(zoe, "select public.erase_me()") is True
    # Not committed: for the others everything is still there, and they go on.
    assert value(bob, LIKES, zoes) == 1
    assert value(bob, LIKES, video) == 2
    bob.execute("select public.add_video_comment(%s, 'hi')", [zoes])
    bob.commit()
    zoe.commit()
    assert value(owner, "select likes_count from public.video_feed where id = %s", video) == 1


def test_what_a_second_phone_writes_meanwhile_begins_anew(connect: Connect, video: Any) -> None:
    phone, tablet, owner = connect("yves"), connect("yves"), connect()
    owner.execute("select tests.person('yves', 'yves')")
    owner.commit()
    assert value(phone, "select public.erase_me()") is True
    with ThreadPoolExecutor() as pool:
        comment = pool.submit(tablet.execute, "select public.add_video_comment(%s, 'hi')", [video])
        wait_until_blocked(owner, tablet)
        phone.commit()
        comment.result(timeout=10)
    tablet.commit()
    assert value(owner, "select username from public.user_profiles where user_id = 'yves'") is None


def test_two_jobs_do_not_erase_the_same_person(connect: Connect, video: Any) -> None:
    owner, first, second = connect(), connect(), connect()
    owner.execute("insert into public.user_profiles (user_id) values ('xaver')")
    owner.execute("insert into private.erasures (user_id) values ('xaver')")
    owner.commit()
    assert value(first, "select private.erase_people()") == 1
    assert value(second, "select private.erase_people()") == 0


@pytest.mark.slow
def test_a_person_with_much_is_hidden_at_once_and_erased_in_batches(connect: Connect) -> None:
    owner, wanda = connect(), connect("wanda")
    owner.execute("select private.ensure_day((now() at time zone 'utc')::date)")
    owner.execute(
        "insert into public.videos (id, user_id, video_url) "
        "select private.uuid_v7(now()), o, 'https://cdn.example/' || o || n "
        "from unnest(array['wanda', 'ada']) as o, generate_series(1, 12000) as n"
    )
    owner.execute(
        "insert into public.video_likes (video_id, user_id) "
        "select v.id, 'wanda' from public.videos as v where v.user_id = 'ada'"
    )
    owner.execute(
        "insert into public.video_comments (id, video_id, user_id, text) "
        "select private.uuid_v7(), v.id, 'wanda', 'hi' from public.videos as v "
        "where v.user_id = 'ada'"
    )
    owner.execute(
        "insert into private.video_viewers (video_id, viewer_key, viewed_from) "
        "select v.id, 'user:wanda', now() from public.videos as v where v.user_id = 'ada'"
    )
    liked = value(
        owner, "select array_agg(video_id) from public.video_likes where user_id = 'wanda'"
    )
    owner.commit()
    owner.execute("analyze")
    owner.commit()

    calls = [measured(wanda, "select public.erase_me()")]
    assert calls[0][1] is False
    wanda.commit()
    reader = connect("ada")
    assert value(reader, "select count(*) from public.video_comments") == 0
    assert value(reader, "select count(*) from public.videos where user_id <> 'ada'") == 0
    job = connect()
    while calls[-1][1] is False or calls[-1][1] > 0:
        calls.append(measured(job, "select private.erase_people()"))
        job.commit()
        job.execute("select tests.as_owner()")
    # Far below the eight seconds an API call may take, on whatever machine this is.
    assert max(seconds for seconds, _ in calls) < 4
    for column, table in (
        ("user_id", "public.videos"),
        ("user_id", "public.video_likes"),
        ("user_id", "public.video_comments"),
        ("viewer_key", "private.video_viewers"),
        ("user_id", "public.user_profiles"),
    ):
        found = f"select count(*) from {table} where {column} in ('wanda', 'user:wanda')"
        assert value(job, found) == 0, table
    # Every like and comment there was is gone again.
    left = (
        "select count(*) from public.video_feed as f "
        "where f.user_id = 'ada' and f.created_at > now() - interval '1 hour' "
        "and (f.likes_count <> 0 or f.comments_count <> 0) and f.id = any(%s)"
    )
    assert value(job, left, liked) == 0


def measured(session: Connection, query: str) -> tuple[float, Any]:
    """How many seconds a query took, and its one value."""
    began = time.monotonic()
    answer = value(session, query)
    return time.monotonic() - began, answer
