"""What owners delete leaves the CDN as long as the month's budget lasts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.media import deleting
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


def test_what_is_not_reached_while_the_lease_holds_is_given_back(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deleting, "SINGLY_S", 0.3)
    lab.standin.fault("^/v1/files/purge$", delay=0.5, times=1)
    for number in range(3):
        lab.order("purge", f"/videos/{number}*")
    assert lab.work(passes=1)["purges"] == 1
    left = "select count(*) from private.media_deletions where state = 'queued'"
    assert lab.one(f"{left} and leased_until is null and attempts = 0") == 2
    assert lab.work()["purges"] == 2
    assert lab.one(left) == 0


def test_an_erased_account_leaves_the_cdn_by_the_day(lab: Lab) -> None:
    lab.standin.limit(serve_deleted_until_purged=True)
    lab.owner.execute("insert into public.user_profiles (user_id) values ('ada')")
    names = [f"{number}.mp4" for number in range(30)]
    for number, file_id in enumerate(lab.add_files(folder(), names)):
        video = lab.one(
            "insert into public.videos (id, user_id, video_url) "
            "values (private.uuid_v7(), 'ada', 'http://x/') returning id"
        )
        lab.owner.execute(
            "insert into private.video_files (video_id, file_id, file_path, bytes) "
            "values (%s, %s, %s, 1)",
            (video, file_id, f"{folder()}/{number}.mp4"),
        )
    lab.owner.execute("delete from public.user_profiles")
    assert lab.work()["files deleted"] == 30
    lab.make_due()
    assert lab.work()["purges"] == 1
    [purged] = lab.standin.control("GET", "/purges").values()
    assert purged == f"{lab.standin.url_endpoint}{folder()[:18]}/*"
