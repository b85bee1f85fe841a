"""Files and folders that are ordered deleted go, whatever ImageKit answers."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from tests.media.lab import Lab, folder

BULK = r"^/v1/files/batch/deleteByFileIds$"
DAY = timedelta(days=1)


def test_files_go_a_hundred_in_a_call(lab: Lab) -> None:
    lab.order_files(folder(), 250)
    assert lab.work()["files deleted"] == 250
    assert lab.states() == {"done": 250}
    assert lab.files() == 0
    assert sum(n for route, n in lab.standin.calls().items() if "batch" in route) == 3


def test_files_that_are_gone_already_are_done_and_keep_nobody_waiting(lab: Lab) -> None:
    ids = lab.order_files(folder(), 20)
    lab.standin.control("POST", "/reset")
    lab.add_files(folder(), [])
    here = lab.add_files(folder(), ["a.mp4", "b.mp4"])
    for number, file_id in enumerate(here):
        lab.order("file", f"{folder()}/here-{number}.mp4", file_id)
    done = lab.work()
    assert (done["files deleted"], done["files gone"]) == (2, len(ids))
    assert lab.states() == {"done": 22}
    assert lab.files() == 0
    assert lab.one("select count(*) from private.media_deletions where note = 'gone'") == 20


def test_an_id_that_can_be_none_is_given_up_and_the_others_go(lab: Lab) -> None:
    lab.order_files(folder(), 3)
    lab.order("file", f"{folder()}/odd.mp4", "no id at all")
    lab.standin.fault(BULK, status=400, times=1)
    done = lab.work()
    assert done["files deleted"] == 3
    assert done["files given up"] == 1
    assert lab.states() == {"dead": 1, "done": 3}
    assert lab.alarms() == ["media_dead"]


def test_what_imagekit_could_not_delete_comes_again(lab: Lab) -> None:
    ids = lab.order_files(folder(), 3)
    lab.standin.limit(undeletable=[ids[1]])
    assert lab.work()["files failed"] == 1
    assert lab.states() == {"done": 2, "queued": 1}
    lab.standin.limit(undeletable=[])
    lab.make_due()
    lab.work()
    assert lab.states() == {"done": 3}


@pytest.mark.parametrize("trouble", [{"status": 503}, {"status": 500}, {"drop": "before"}])
def test_trouble_at_imagekit_counts_as_an_attempt_and_passes(
    lab: Lab, trouble: dict[str, object]
) -> None:
    lab.order_files(folder(), 2)
    lab.standin.fault(BULK, times=1, **trouble)
    lab.work()
    assert lab.states() == {"queued": 2}
    assert lab.one("select min(attempts) from private.media_deletions") == 1
    assert lab.one("select min(not_before) > now() from private.media_deletions")
    lab.make_due()
    lab.work()
    assert lab.states() == {"done": 2}


def test_an_answer_that_is_lost_costs_one_more_call_and_nothing_else(lab: Lab) -> None:
    lab.order_files(folder(), 5)
    lab.standin.fault(BULK, times=1, drop="after")
    lab.work()
    assert lab.files() == 0
    assert lab.states() == {"queued": 5}
    lab.make_due()
    assert lab.work()["files gone"] == 5
    assert lab.states() == {"done": 5}


def test_after_twelve_attempts_an_order_is_dead_until_somebody_retries_it(lab: Lab) -> None:
    order = lab.order("file", f"{folder()}/a.mp4", lab.add_files(folder(), ["a.mp4"])[0])
    lab.standin.fault(BULK, status=500, times=12)
    for _ in range(12):
        lab.make_due()
        lab.work()
    assert lab.states() == {"dead": 1}
    assert lab.alarms() == ["media_dead"]
    lab.owner.execute("select ops.retry_media(%s)", (order,))
    lab.work()
    assert lab.states() == {"done": 1}
    assert lab.alarms() == []


def test_too_many_requests_pause_every_worker_for_as_long_as_imagekit_says(lab: Lab) -> None:
    lab.order_files(folder(), 150)
    lab.standin.fault(BULK, status=429, reset_ms=1500, times=1)
    assert lab.work()["interrupted"] == 1
    began = time.monotonic()
    assert not lab.work(), "another worker waits too"
    assert lab.one("select max(attempts) from private.media_deletions") == 0
    while not lab.work():
        assert time.monotonic() - began < 5
        time.sleep(0.1)
    assert time.monotonic() - began > 1.2
    lab.work()
    assert lab.states() == {"done": 150}


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_stops_every_worker_until_an_administrator_has_looked(
    lab: Lab, status: int
) -> None:
    lab.order_files(folder(), 3)
    lab.standin.fault(BULK, status=status, times=1)
    lab.work()
    assert lab.alarms() == ["media_stopped"]
    assert not lab.work()
    assert lab.one("select max(attempts) from private.media_deletions") == 0
    lab.owner.execute("select ops.start_media()")
    lab.work()
    assert lab.states() == {"done": 3}
    assert lab.alarms() == []


def test_an_old_hour_goes_as_one_folder_and_one_purge_a_day_follows(lab: Lab) -> None:
    for hour in (8, 9):
        lab.add_files(folder(20, hour), [f"{n}.mp4" for n in range(30)])
        lab.order("folder", folder(20, hour), reason="retired")
    assert lab.work()["folders deleted"] == 2
    assert lab.files() == 0
    assert lab.one("select count(*) from private.media_deletions where kind = 'purge'") == 1
    lab.make_due()
    assert lab.work()["purges"] == 1
    [purged] = lab.standin.control("GET", "/purges").values()
    assert purged == f"{lab.standin.url_endpoint}{folder(20)[:18]}/*"


def test_a_folder_that_is_gone_already_is_done(lab: Lab) -> None:
    lab.order("folder", folder(20), reason="retired")
    assert lab.work()["folders gone"] == 1
    assert lab.states() == {"done": 1}


def test_a_young_folder_stays_whatever_the_order_says(lab: Lab) -> None:
    lab.add_files(folder(3), ["a.mp4"])
    lab.order("folder", folder(3), reason="retired")
    assert not lab.work()
    assert lab.files() == 1


def test_a_folder_too_large_for_one_call_goes_in_parts(lab: Lab) -> None:
    lab.standin.limit(folder_objects=100)
    lab.add_files(folder(20), [f"{n}.mp4" for n in range(250)])
    lab.order("folder", folder(20), reason="retired")
    done = lab.work()
    assert done["folders split"] == 1
    lab.work()
    assert lab.files() == 0
    lab.make_due()
    lab.work()
    assert lab.one("select state from private.media_deletions where kind = 'folder'") == "done"


@pytest.mark.parametrize("held", [False, True], ids=["published after midnight", "held"])
def test_a_folder_with_something_that_stays_goes_file_by_file(lab: Lab, held: bool) -> None:
    where = folder(15, 23)
    lab.add_files(where, ["old-1.mp4", "old-2.mp4"])
    video = lab.video("ada", where, 30 * DAY if held else 13 * DAY)
    if held:
        lab.owner.execute("insert into private.video_holds values (%s, 'case 1')", (video,))
    lab.order("folder", where, reason="retired")
    done = lab.work()
    assert done["folders split"] == 1
    lab.work()
    assert lab.files() == 1
    assert lab.one("select count(*) from public.videos") == 1
    lab.owner.execute("delete from private.video_holds")


def test_what_moderation_removes_leaves_the_cdn_too(lab: Lab) -> None:
    lab.standin.limit(serve_deleted_until_purged=True)
    video = lab.video("ada", folder())
    path = lab.one("select file_path from private.video_files")
    lab.owner.execute("select ops.remove_video(%s, 'against the rules')", (video,))
    done = lab.work()
    assert (done["files deleted"], done["purges"]) == (1, 1)
    assert f"{lab.standin.url_endpoint}{path}*" in lab.standin.control("GET", "/purges").values()
    assert lab.one("select purges_used from private.media_worker_state") == 1
