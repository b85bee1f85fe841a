"""What happens when two people, or a person and a job, do something at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.support.sessions import Connect, value, wait_until_blocked


@pytest.fixture
def video(connect: Connect) -> Any:
    owner = connect()
    video_id = value(owner, "select tests.video('ada')")
    owner.commit()
    return video_id


def test_a_like_does_not_wait_for_an_owner_who_is_writing(connect: Connect, video: Any) -> None:
    ada, bob = connect("ada"), connect("bob")
    ada.execute("update public.videos set title = 'new' where id = %s", [video])
    likes = value(bob, "select likes_count from public.like_video(%s)", video)
    assert likes == 1


def test_likes_do_not_wait_for_each_other_nor_for_folding(connect: Connect, video: Any) -> None:
    bob, carol, job = connect("bob"), connect("carol"), connect()
    job.execute("select from public.videos where id = %s for no key update", [video])
    # Neither is committed when the other counts.
    assert value(bob, "select likes_count from public.like_video(%s)", video) == 1
    assert value(carol, "select likes_count from public.like_video(%s)", video) == 1
    for session in (bob, carol, job):
        session.commit()
    assert value(job, "select likes_count from public.video_feed where id = %s", video) == 2


def test_folding_leaves_a_video_alone_that_somebody_has_locked(
    connect: Connect, video: Any
) -> None:
    first, second = connect(), connect()
    first.execute("insert into private.video_deltas (video_id, views) values (%s, 3)", [video])
    first.commit()
    first.execute("select from public.videos where id = %s for no key update", [video])
    assert value(second, "select private.fold_video(%s)", video) is False
    second.execute("select private.fold_pending()")
    assert value(second, "select views_count from public.videos where id = %s", video) == 0
    first.commit()
    assert value(second, "select private.fold_video(%s)", video) is True
    assert value(second, "select views_count from public.videos where id = %s", video) == 3


def test_one_person_on_two_phones_likes_once(connect: Connect, video: Any) -> None:
    phone, tablet = connect("bob"), connect("bob")
    like = "select likes_count from public.like_video(%s)"
    assert value(phone, like, video) == 1
    with ThreadPoolExecutor() as pool:
        second = pool.submit(value, tablet, like, video)
        wait_until_blocked(connect(), tablet)
        phone.commit()
        assert second.result(timeout=10) == 1


def test_a_direct_like_that_races_is_postgres_own_duplicate(connect: Connect, video: Any) -> None:
    phone, tablet, owner = connect("bob"), connect("bob"), connect()
    like = "insert into public.video_likes (video_id) values (%s)"
    phone.execute(like, [video])
    with ThreadPoolExecutor() as pool:
        second = pool.submit(tablet.execute, like, [video])
        wait_until_blocked(owner, tablet)
        phone.commit()
        with pytest.raises(psycopg.errors.UniqueViolation):
            second.result(timeout=10)
    assert value(owner, "select likes_count from public.video_feed where id = %s", video) == 1


def test_making_a_day_gives_way_to_somebody_who_writes(connect: Connect, video: Any) -> None:
    writer, maker = connect("ada"), connect()
    writer.execute("update public.videos set title = 'x' where id = %s", [video])
    assert value(maker, "select private.ensure_day('2032-01-01', attempts => 2)") is False
    writer.commit()
    assert value(maker, "select private.ensure_day('2032-01-01')") is True


def test_two_makers_of_days_do_not_get_in_each_others_way(connect: Connect) -> None:
    first, second = connect(), connect()
    assert value(first, "select private.ensure_day('2032-02-01')") is True
    assert value(second, "select private.ensure_day('2032-02-02', attempts => 2)") is False
    first.commit()
    assert value(second, "select private.ensure_day('2032-02-02')") is True


def test_a_day_that_could_not_be_made_is_reported(connect: Connect) -> None:
    first, job = connect(), connect()
    day = value(job, "select (now() at time zone 'utc')::date + 7")
    job.execute("select private.ensure_days()")
    job.execute("select tests.drop_day(%s)", [day])
    job.commit()
    first.execute("select private.ensure_day('2032-03-01')")
    notices: list[str] = []
    job.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    job.execute("select private.ensure_days()")
    assert notices == ["1 days have no leaves yet: tables stayed busy"]


def test_jobs_pass_by_what_somebody_else_has_locked(connect: Connect, video: Any) -> None:
    admin, job = connect(), connect()
    aged = value(admin, "select tests.video('ada', interval '15 days', id_age => '1 hour')")
    old = value(admin, "select tests.video('ada', interval '20 days')")
    admin.execute("update public.videos set deleted_at = now() where id = %s", [video])
    admin.commit()
    for locked in (video, aged, old):
        admin.execute("select from public.videos where id = %s for update", [locked])
    day = value(job, "select (private.uuid_v7_time(%s) at time zone 'utc')::date", old)
    job.execute("select tests.drop_day(%s)", [day])
    assert value(job, "select private.purge_deleted_videos()") == 0
    assert value(job, "select private.retire_aged_videos()") == 0
    assert value(job, "select private.retire_day(%s)", day) == 0
    job.rollback()
    admin.commit()
    job.execute("select tests.as_owner()")
    assert value(job, "select private.purge_deleted_videos()") == 1


def test_dropping_a_leaf_gives_way_to_a_slow_reader(connect: Connect) -> None:
    owner, reader, job = connect(), connect("bob"), connect()
    owner.execute("select private.ensure_day('2032-04-01')")
    owner.commit()
    reader.execute("select count(*) from public.video_likes")
    drop = "select private.drop_leaf('partitions.video_likes_20320401', attempts => 2)"
    assert value(job, drop) is False
    reader.commit()
    assert value(job, drop) is True


def test_retirement_runs_once_at_a_time(connect: Connect) -> None:
    first, second = connect(), connect()
    first.execute("select private.retire_expired_videos()")
    first.execute("select private.ensure_day('2020-01-01')")
    assert value(second, "select private.retire_expired_videos()") == 0
