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


def test_every_video_has_its_turn_whatever_is_locked_or_busy(connect: Connect) -> None:
    admin, holder, job = connect(), connect(), connect()
    # More than two batches.
    made = """
        with pending as (
            insert into public.videos (id, user_id, video_url, created_at)
            select private.uuid_v7(t.at), 'ada', 'https://x.example/' || n, t.at
            from generate_series(1, 70) as n
            cross join lateral (select now() - n * interval '1 ms' as at) as t
            returning id
        )
        insert into private.video_deltas (video_id, likes)
        select id, 1 from pending cross join generate_series(1, 2)
        returning video_id
    """
    admin.execute("select tests.person('ada')")
    oldest = sorted({row[0] for row in admin.execute(made.encode()).fetchall()})
    admin.commit()
    held = oldest[3]
    holder.execute("select from public.videos where id = %s for no key update", [held])

    calls = 1
    while value(job, "select private.fold_pending()") and calls < 10:
        job.commit()
        # The oldest are in demand: they are pending again whenever the job has been at them.
        more = "insert into private.video_deltas (video_id, likes) select unnest(%s::uuid[]), 1"
        admin.execute(more.encode(), [oldest[:30]])
        admin.commit()
        calls += 1
    job.commit()
    assert calls == 3
    behind = "select count(*) from public.videos where id = any(%s) and likes_count < 2"
    assert value(admin, behind, oldest) == 1
    assert value(admin, behind, [held]) == 1

    holder.commit()
    for _ in range(3):
        job.execute("select private.fold_pending()")
    exact = "select likes_count from public.videos where id = %s"
    assert value(job, exact, held) == 2 + calls - 1
    assert value(job, "select count(*) from private.video_deltas") == 0


def test_folding_runs_once_at_a_time_and_does_not_wait(connect: Connect, video: Any) -> None:
    first, second = connect(), connect()
    first.execute("insert into private.video_deltas (video_id, views) values (%s, 3)", [video])
    first.commit()
    first.execute("select private.fold_pending()")
    assert value(second, "select private.fold_pending()") == 0
    assert value(second, "select private.fold_video(%s)", video) is False
    first.commit()
    assert value(second, "select views_count from public.videos where id = %s", video) == 3


def test_counting_never_fails_where_folding_would(connect: Connect, video: Any) -> None:
    reader, other = connect(), connect()
    reader.rollback()
    reader.execute("set transaction isolation level repeatable read")
    reader.execute("select from public.videos")
    other.execute("insert into private.video_deltas (video_id, views) values (%s, 3)", [video])
    other.execute("select private.fold_video(%s)", [video])
    other.commit()
    # One in 32 would fold, and meet a row that is newer than its snapshot.
    count = "select private.increment_video_views(%s) from generate_series(1, 500)"
    reader.execute(count.encode(), [video])
    reader.commit()
    assert value(other, "select views_count from public.video_feed where id = %s", video) == 503


@pytest.mark.parametrize(
    "write",
    [
        "select public.like_video(%s)",
        "insert into public.video_likes (video_id) values (%s)",
        "select public.add_video_comment(%s, 'hello')",
    ],
)
def test_who_writes_about_a_video_that_is_being_removed_is_told_so_at_once(
    connect: Connect, video: Any, write: str
) -> None:
    admin, bob = connect(), connect("bob")
    admin.execute("delete from public.videos where id = %s", [video])
    with pytest.raises(psycopg.Error, match="video_not_found") as refused:
        bob.execute(write.encode(), [video])
    assert refused.value.sqlstate == "PT404"


@pytest.mark.parametrize(
    "write",
    ["select public.like_video(%s)", "select public.add_video_comment(%s, 'hello')"],
)
def test_a_video_stays_until_who_writes_about_it_is_done(
    connect: Connect, video: Any, write: str
) -> None:
    bob, ada, job = connect("bob"), connect("ada"), connect()
    # This one is not among the one in 32 that fold, for whom the owner waits.
    bob.execute("select setseed(0.5)")
    bob.execute(write.encode(), [video])
    ada.execute("select public.delete_video(%s)", [video])
    ada.commit()
    purge = "select private.purge_deleted_videos()"
    assert value(job, purge) == 0
    bob.commit()
    assert [value(job, purge) for _ in range(3)] == [1, 1, 0]


def test_a_repair_makes_no_drift_of_what_is_folded_meanwhile(connect: Connect, video: Any) -> None:
    fan, folder, admin = connect("bob"), connect(), connect()
    fan.execute("select public.like_video(%s)", [video])
    fan.commit()
    folder.execute("select from public.videos where id = %s for no key update", [video])
    with ThreadPoolExecutor() as pool:
        repaired = pool.submit(value, admin, "select ops.repair_counters(%s)", video)
        wait_until_blocked(connect(), admin)
        # Counted while the repair waits, by somebody whom it does not stop.
        late = connect("carol")
        late.execute("select public.like_video(%s)", [video])
        late.commit()
        folder.execute("select private.fold_video(%s)", [video])
        folder.commit()
        assert repaired.result(timeout=10) == 0
    admin.commit()
    assert value(folder, "select likes_count from public.videos where id = %s", video) == 2
    drifted = "select count(*) from ops.counter_drift where video_id = %s"
    assert value(folder, drifted, video) == 0


def test_repairing_many_waits_for_none(connect: Connect) -> None:
    admin, holder = connect(), connect()
    videos = [value(admin, "select tests.video('ada')") for _ in range(3)]
    admin.execute("select ops.repair_counters(most => 100000)")
    spoil = "update public.videos set likes_count = 5 where id = any(%s)"
    admin.execute(spoil.encode(), [videos])
    admin.commit()
    holder.execute("select from public.videos where id = %s for update", [videos[1]])
    assert value(admin, "select ops.repair_counters()") == 2
    holder.commit()
    assert value(admin, "select ops.repair_counters()") == 1
    assert value(admin, "select count(*) from ops.counter_drift") == 0


def test_people_like_a_video_while_it_is_repaired(connect: Connect, video: Any) -> None:
    admin, bob = connect(), connect("bob")
    admin.execute("select ops.repair_counters(%s)", [video])
    assert value(bob, "select likes_count from public.like_video(%s)", video) == 1


def test_one_person_on_two_phones_likes_once(connect: Connect, video: Any) -> None:
    phone, tablet = connect("bob"), connect("bob")
    like = "select likes_count from public.like_video(%s)"
    assert value(phone, like, video) == 1
    with ThreadPoolExecutor() as pool:
        second = pool.submit(value, tablet, like, video)
        wait_until_blocked(connect(), tablet)
        phone.commit()
        assert second.result(timeout=10) == 1


def test_a_direct_like_that_races_is_silently_nothing(connect: Connect, video: Any) -> None:
    phone, tablet, owner = connect("bob"), connect("bob"), connect()
    like = "insert into public.video_likes (video_id) values (%s)"
    phone.execute(like, [video])
    with ThreadPoolExecutor() as pool:
        second = pool.submit(tablet.execute, like, [video])
        # For each other's goes: whoever comes second sees what the first has done.
        wait_until_blocked(owner, tablet)
        phone.commit()
        assert second.result(timeout=10).rowcount == 0
    tablet.commit()
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


def test_two_rankings_at_once_are_one_and_readers_do_not_wait(connect: Connect, video: Any) -> None:
    first, second, reader = connect(), connect(), connect("bob")
    first.execute("delete from private.trending where true")
    rank = "select private.refresh_trending()"
    assert value(first, rank) > 0
    # The first is not committed: the other neither waits nor ranks, and a reader sees neither.
    assert value(second, rank) == 0
    assert value(reader, "select count(*) from public.trending_feed()") == 0
    first.commit()
    assert value(reader, "select count(*) from public.trending_feed()") > 0


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


def test_a_comment_asked_for_twice_at_once_is_written_once(connect: Connect, video: Any) -> None:
    phone, tablet, owner = connect("bob"), connect("bob"), connect()
    request_id = "c0ffee00-0000-4000-8000-000000000001"
    ask = "select id from public.add_video_comment(%s, 'hi', %s)"
    first = value(phone, ask, video, request_id)
    with ThreadPoolExecutor() as pool:
        second = pool.submit(value, tablet, ask, video, request_id)
        wait_until_blocked(owner, tablet)
        phone.commit()
        assert second.result(timeout=10) == first
    tablet.commit()
    assert value(owner, "select comments_count from public.video_feed where id = %s", video) == 1


def test_a_plain_insert_that_is_repeated_at_once_is_silently_nothing(
    connect: Connect, video: Any
) -> None:
    phone, tablet, owner = connect("bob"), connect("bob"), connect()
    insert = "insert into public.video_comments (video_id, text, request_id) values (%s, 'hi', %s)"
    request_id = "c0ffee00-0000-4000-8000-000000000002"
    phone.execute(insert, [video, request_id])
    with ThreadPoolExecutor() as pool:
        second = pool.submit(tablet.execute, insert, [video, request_id])
        wait_until_blocked(owner, tablet)
        phone.commit()
        assert second.result(timeout=10).rowcount == 0


def test_another_person_does_not_wait_for_the_same_request_id(connect: Connect, video: Any) -> None:
    bob, carol = connect("bob"), connect("carol")
    request_id = "c0ffee00-0000-4000-8000-000000000003"
    for session in (bob, carol):
        session.execute("select public.add_video_comment(%s, 'hi', %s)", [video, request_id])
