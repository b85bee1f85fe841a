"""Every bench from end to end, as small as it gets; the figures mean nothing here."""

from __future__ import annotations

import pytest

from bench import counters, feed, functions, realtime, retention
from bench.servers import Laboratory, as_owner
from tests.support.server import Database, PostgresServer

pytestmark = pytest.mark.slow


@pytest.fixture
def laboratory(cluster: PostgresServer, template_database: Database) -> Laboratory:
    return Laboratory(cluster, template_database)


def test_counters_are_exact_in_every_way_and_shown(laboratory: Laboratory) -> None:
    options = counters.Options(
        rounds=1, clients=[2], videos=10, transactions=10, deadlock_clients=1
    )
    measurement = counters.measure(laboratory, options)
    ours = measurement.measured[counters.HOT, 2, counters.OURS.name]
    assert len(ours.runs[0].transactions) == 20
    # Each script likes in its own database: 2 x 20 singly, and up to 30 in threes.
    assert all(40 < likes <= 70 for likes in measurement.likes.values())
    text = counters.body(measurement)
    assert all(f"| 2 | {way.name} |" in text for way in counters.WAYS)
    assert len(counters.goals(measurement, clients=2)) == 4
    assert counters.goals(measurement, clients=64) == []
    assert set(counters.curves(measurement)) == {
        way.name for way in counters.WAYS if way is not counters.BARE
    }


def test_a_counter_that_is_wrong_stops_the_bench(laboratory: Laboratory) -> None:
    stand = counters.Stand(laboratory, counters.OURS, counters.some_videos(3))
    with as_owner(stand.database) as owner:
        owner.execute("update public.videos set likes_count = 1 where id = bench.video_id(1)")
    with pytest.raises(AssertionError, match="counters and rows differ"):
        stand.check()


def test_a_day_goes_in_every_way(laboratory: Laboratory) -> None:
    options = retention.Options(scale=0.0001, warm_up_s=0.2, before_s=0.1, reader_s=0.2)
    measurement = retention.measure(laboratory, options)
    assert set(measurement.outcomes) == {
        *(retention.OURS, retention.BEHIND_READER),
        *(retention.CASCADE, retention.BATCHES),
    }
    assert all(outcome.during for outcome in measurement.outcomes.values())
    assert measurement.leaves_wal > 0
    assert 0 < measurement.viewers_wal < measurement.outcomes[retention.BATCHES].wal
    assert "| as deployed | 1.00 | 1.00 |" in retention.body(measurement, options)
    assert len(retention.goals(measurement)) == 5


def test_pages_are_fetched_by_cursor_by_offset_and_as_the_owner(laboratory: Laboratory) -> None:
    options = feed.Options(rounds=1, transactions=3, sizes=[1200], pages=[1, 5, 1000])
    measurement = feed.measure(laboratory, options)
    # Page 1000 is not there: the last that has neighbours takes its place.
    assert {page for _, page, _ in measurement.by_case} == {1, 5, 10}
    assert "| 1,200 | 10 |" in feed.body(measurement)
    assert len(feed.goals(measurement)) == 2


def test_cursor_and_offset_give_the_same_page(laboratory: Laboratory) -> None:
    database = feed.prepare(laboratory, 300)
    with as_owner(database) as owner:
        pages = owner.execute(
            "select array(select id from public.feed(bench.video_id(300 - 40), 20)),"
            " array(select id from bench.feed_by_offset(40, 20)),"
            " array(select bench.video_id(n) from generate_series(259, 240, -1) as n)"
        ).fetchone()
    assert pages is not None
    assert pages[0] == pages[1] == pages[2]


def test_every_function_is_called_as_its_role(laboratory: Laboratory) -> None:
    options = functions.Options(rounds=1, clients=[1], videos=50, transactions=3)
    measurement = functions.measure(laboratory, options)
    assert len(measurement.by_case) == 6
    assert "| like_video | 1 |" in functions.body(measurement)


def test_everybody_learns_of_every_change(laboratory: Laboratory) -> None:
    options = realtime.Options(sockets=3, seconds=0.1)
    rows = realtime.measure(laboratory, options)
    each_second, carried, polled = rows
    assert (each_second.changes, each_second.noticed) == (1, 3)
    assert carried.changes > 5
    assert polled.noticed == 3
    assert polled.requests >= 3
    assert "| broadcast, one change a second | 100 | 1.00 |" in realtime.body(rows, options)
    assert len(realtime.goals(rows)) == 3
