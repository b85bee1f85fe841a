"""Verifying tells what should be gone and is there, and nothing else."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from api.imagekit.storage import Storage
from api.media.queue import Queue
from api.media.running import opened
from api.media.tools import print_survivors
from tests.media.lab import Lab, folder

DAY = timedelta(days=1)
Output = pytest.CaptureFixture[str]


def day_of(days_ago: int) -> date:
    return (datetime.now(UTC) - days_ago * DAY).date()


def verify(lab: Lab, day: date | None = None) -> int:
    """What the command does, in this process; gives its exit code."""

    async def run() -> int:
        async with opened(lab.settings) as pool, Storage(lab.account) as storage:
            return await print_survivors(Queue(pool), storage, day)

    return asyncio.run(run())


def test_empty_folders_that_imagekit_keeps_are_no_survivors(lab: Lab, capsys: Output) -> None:
    lab.add_files(folder(20), ["a.mp4"])
    lab.order("folder", folder(20), reason="retired")
    lab.work()
    assert verify(lab) == 0
    told = capsys.readouterr().out
    assert "1 retired day with a folder at ImageKit: 0 files survived" in told


def test_a_day_whose_hours_are_gone_leaves_no_folder(lab: Lab, capsys: Output) -> None:
    for hour in (8, 23):
        lab.add_files(folder(20, hour), ["a.mp4"])
        lab.order("folder", folder(20, hour), reason="retired")
    lab.owner.execute("insert into private.video_days (day, videos) values (%s, 2)", (day_of(20),))
    order_day = "select private.order_day_folders()"
    assert lab.one(order_day) == 0, "its hours are not gone yet"
    lab.work()
    assert lab.one(order_day) == 1
    assert lab.work()["folders deleted"] == 1
    assert lab.one("select count(*) from private.media_deletions where kind = 'purge'") == 1
    assert verify(lab) == 0
    assert "0 retired days with a folder at ImageKit" in capsys.readouterr().out


def test_a_file_that_came_after_its_folder_went_is_found(lab: Lab, capsys: Output) -> None:
    lab.add_files(folder(20), ["a.mp4"])
    lab.order("folder", folder(20), reason="retired")
    lab.work()
    assert lab.states() == {"done": 1}
    lab.add_files(folder(20), ["late.mp4"])
    for day in (None, day_of(20)):
        assert verify(lab, day) == 1
        assert f"{folder(20)}/late.mp4" in capsys.readouterr().out
    assert verify(lab, day_of(21)) == 0


def test_what_is_held_or_about_to_go_is_counted_and_no_survivor(lab: Lab, capsys: Output) -> None:
    video = lab.video("ada", folder(20), 20 * DAY)
    lab.owner.execute("insert into private.video_holds values (%s, 'case 1')", (video,))
    lab.add_files(folder(21), ["b.mp4"])
    lab.order("folder", folder(21), reason="retired")
    assert verify(lab) == 0
    assert "0 files survived, 2 are kept or about to go" in capsys.readouterr().out
    lab.owner.execute("delete from private.video_holds")


def test_how_long_files_live_is_the_databases_to_say(lab: Lab, capsys: Output) -> None:
    lab.add_files(folder(20), ["a.mp4"])
    assert verify(lab) == 1
    lab.owner.execute("select ops.set_setting('retention', '30 days')")
    try:
        capsys.readouterr()
        assert verify(lab) == 0
        assert verify(lab, day_of(20)) == 1
        assert "too young" in capsys.readouterr().out
    finally:
        lab.owner.execute("select ops.set_setting('retention', '14 days')")
