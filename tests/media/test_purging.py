"""What owners delete leaves the CDN as long as the month's budget lasts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.media.lab import Lab, folder


@pytest.fixture
def small_budget(lab: Lab) -> Iterator[Lab]:
    """Ten purges a month, of which one is kept for moderation and retired days."""
    before = lab.one("select purges_per_month from private.settings")
    lab.owner.execute("select ops.set_setting('purges_per_month', '10')")
    yield lab
    lab.owner.execute("select ops.set_setting('purges_per_month', %s)", (str(before),))


def test_an_owners_delete_is_purged_while_the_budget_lasts(small_budget: Lab) -> None:
    lab = small_budget
    for number, file_id in enumerate(lab.add_files(folder(), [f"{n}.mp4" for n in range(15)])):
        lab.order("file", f"{folder()}/{number}.mp4", file_id)
    done = lab.work()
    assert (done["files deleted"], done["purges"]) == (15, 9)
    assert lab.one("select purges_used from private.media_worker_state") == 9

    [file_id] = lab.add_files(folder(), ["bad.mp4"])
    lab.order("file", f"{folder()}/bad.mp4", file_id, reason="moderated")
    assert lab.work()["purges"] == 1, "what moderation removes is purged whatever the budget"


def test_a_refused_purge_is_not_counted_and_comes_again(lab: Lab) -> None:
    [file_id] = lab.add_files(folder(), ["bad.mp4"])
    lab.order("file", f"{folder()}/bad.mp4", file_id, reason="moderated")
    lab.standin.fault("^/v1/files/purge$", status=503, times=1)
    assert "purges" not in lab.work()
    assert lab.one("select purges_used from private.media_worker_state") == 0
    lab.make_due()
    assert lab.work()["purges"] == 1
