"""Uploads that waited are finished, those that ended are swept, and ImageKit agrees with us."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.people import SAMPLES
from tests.media.lab import Lab, folder


def ticket(lab: Lab, user: str, purpose: str = "video") -> dict[str, Any]:
    """Open an upload; gives the ticket's row."""
    ticket_id = lab.one("select ticket_id from private.open_upload(%s, %s)", user, purpose)
    row = lab.one("select to_json(t) from private.upload_tickets as t where id = %s", ticket_id)
    return dict(row)


def arrived(lab: Lab, opened: dict[str, Any]) -> str:
    """The file of a ticket lies at the stand-in; gives its id."""
    [file_id] = lab.add_files(opened["folder"], [opened["file_name"]])
    return file_id


def hold(lab: Lab, opened: dict[str, Any], file_id: str | None, **more: Any) -> None:
    """ImageKit could not be asked when the app wanted to publish."""
    lab.one(
        "select private.hold_upload(%s, %s, %s, title => %s, thumbnail_ticket_id => %s)",
        opened["user_id"],
        opened["id"],
        file_id,
        more.get("title"),
        more.get("thumbnail"),
    )
    make_due(lab)


def make_due(lab: Lab) -> None:
    lab.owner.execute("update private.upload_tickets set next_check_at = now()")


def state(lab: Lab, opened: dict[str, Any]) -> tuple[str, str | None]:
    row = lab.owner.execute(
        "select state, reason from private.upload_tickets where id = %s", (opened["id"],)
    ).fetchone()
    assert row is not None
    return row[0], row[1]


@pytest.mark.parametrize("known", [True, False], ids=["by its id", "by its place"])
def test_a_held_upload_is_published_with_all_that_was_said(lab: Lab, known: bool) -> None:
    opened, picture = ticket(lab, "ada"), ticket(lab, "ada", "thumbnail")
    file_id = arrived(lab, opened)
    lab.standin.control("POST", "/files", {"folder": picture["folder"], "names": ["x.mp4"]})
    hold(lab, opened, file_id if known else None, title="sunset", thumbnail=picture["id"])
    assert lab.work()["uploads published"] == 1
    assert state(lab, opened)[0] == "published"
    assert lab.one("select title from public.videos") == "sunset"
    assert lab.one("select file_id from private.video_files") == file_id


def test_a_held_avatar_is_set_when_imagekit_has_spoken(lab: Lab) -> None:
    opened = ticket(lab, "ada", "avatar")
    lab.owner.execute(
        "update private.upload_tickets set file_name = %s where id = %s",
        (f"{opened['id']}.mp4", opened["id"]),
    )
    hold(lab, opened, lab.add_files(opened["folder"], [f"{opened['id']}.mp4"])[0])
    # The stand-in seeds videos only, and a video is no picture.
    assert lab.work()["uploads failed"] == 1
    assert lab.files() == 0

    picture = ticket(lab, "bob", "avatar")
    hold(lab, picture, upload_picture(lab, picture))
    assert lab.work()["avatars published"] == 1
    assert lab.one("select avatar from public.user_profiles where user_id = 'bob'") == (
        lab.standin.url_endpoint + picture["file_path"]
    )


def upload_picture(lab: Lab, opened: dict[str, Any]) -> str:
    """Send a picture where the ticket says; gives its id."""
    answer = httpx.post(
        f"{lab.standin.base_url}/api/v1/files/upload",
        auth=(lab.standin.private_key, ""),
        data={
            "fileName": opened["file_name"],
            "folder": opened["folder"],
            "useUniqueFileName": "false",
        },
        files={"file": ("a.jpg", (SAMPLES / "thumbnail.jpg").read_bytes())},
    )
    return str(answer.raise_for_status().json()["fileId"])


def test_while_imagekit_is_down_nothing_is_lost(lab: Lab) -> None:
    opened = ticket(lab, "ada")
    hold(lab, opened, arrived(lab, opened))
    lab.standin.fault("^/v1/files", status=503, times=1)
    lab.work()
    assert state(lab, opened)[0] == "uploaded"
    make_due(lab)
    lab.work()
    assert state(lab, opened)[0] == "published"


def test_a_file_that_is_not_there_is_waited_for_and_then_given_up(lab: Lab) -> None:
    opened = ticket(lab, "ada")
    hold(lab, opened, None)
    assert lab.work(passes=1)["uploads without file"] == 1
    assert state(lab, opened)[0] == "uploaded"
    lab.owner.execute("update private.upload_tickets set expires_at = now() - interval '1 day'")
    lab.one("select private.expire_uploads()")
    assert state(lab, opened) == ("expired", "not_confirmed")


def test_a_file_that_is_not_what_was_announced_fails_and_goes(lab: Lab) -> None:
    opened = ticket(lab, "ada")
    lab.owner.execute("update private.upload_tickets set bytes = 7 where id = %s", (opened["id"],))
    hold(lab, opened, arrived(lab, opened))
    done = lab.work()
    assert done["uploads failed"] == 1
    happened, reason = state(lab, opened)
    assert happened in {"failed", "swept"}
    assert reason is not None
    assert "7 bytes" in reason
    assert lab.files() == 0


def test_the_file_of_somebody_else_is_refused_and_never_deleted(lab: Lab) -> None:
    hers, his = ticket(lab, "ada"), ticket(lab, "bob")
    file_id = arrived(lab, hers)
    hold(lab, his, file_id)
    lab.work()
    assert state(lab, his)[0] == "uploaded"
    assert lab.files() == 1
    assert lab.one("select count(*) from private.media_deletions") == 0
    assert lab.one("select count(*) from public.videos") == 0


def test_an_app_that_names_another_file_than_its_own_loses_nothing(lab: Lab) -> None:
    hers, his = ticket(lab, "ada"), ticket(lab, "bob")
    others = arrived(lab, hers)
    own = arrived(lab, his)
    hold(lab, his, others)
    assert lab.work()["uploads published"] == 1
    assert lab.one("select file_id from private.video_files") == own


def test_what_was_uploaded_and_not_published_is_swept(lab: Lab) -> None:
    ended, open_ = ticket(lab, "ada"), ticket(lab, "bob")
    arrived(lab, ended)
    arrived(lab, open_)
    published = lab.video("carol", folder())
    lab.owner.execute(
        "update private.upload_tickets set expires_at = now() - interval '1 hour' where id = %s",
        (ended["id"],),
    )
    assert lab.one("select private.expire_uploads()") == 1
    assert lab.work()["files deleted"] == 1
    assert state(lab, ended)[0] == "swept"
    assert state(lab, open_)[0] == "issued"
    assert lab.files() == 2
    assert lab.one("select id::text from public.videos") == published


def test_publishing_that_races_the_sweep_never_loses_a_file(lab: Lab) -> None:
    opened = [ticket(lab, f"user-{n}") for n in range(20)]
    files = [arrived(lab, one) for one in opened]
    lab.owner.execute(
        "update private.upload_tickets set expires_at = now() - interval '14 minutes 59.9 seconds'"
    )

    def publish(one: dict[str, Any], file_id: str) -> None:
        details = {
            "type": "file",
            "filePath": one["file_path"],
            "fileId": file_id,
            "versionInfo": {"name": "Version 1"},
            "mime": "video/mp4",
            "size": 10,
            "duration": 2,
        }
        # Too late is an answer too: then the file is the sweeper's.
        with (
            psycopg.connect(lab.database.media_url, autocommit=True) as media,
            suppress(psycopg.errors.DatabaseError),
        ):
            media.execute(
                "select private.publish_video(%s, %s, %s)",
                (one["user_id"], one["id"], json.dumps(details)),
            )

    def expire() -> None:
        with psycopg.connect(lab.database.owner_url, autocommit=True) as owner:
            for _ in range(20):
                owner.execute("select private.expire_uploads()")

    with ThreadPoolExecutor(max_workers=5) as pool:
        racing: list[Future[object]] = [pool.submit(expire), pool.submit(lab.work)]
        racing += [
            pool.submit(publish, one, file_id) for one, file_id in zip(opened, files, strict=True)
        ]
        for one in racing:
            one.result()
    lab.one("select private.expire_uploads()")
    make_due(lab)
    lab.work()
    published = int(lab.one("select count(*) from private.video_files"))
    assert lab.files() == published
    assert lab.one("select count(*) from private.upload_tickets where state = 'swept'") == (
        len(opened) - published
    )


def test_reconciling_finds_both_directions_and_acts_only_when_told(lab: Lab) -> None:
    where = folder()
    lab.add_files(where, ["orphan.mp4"])
    lost = lab.video("ada", where)
    file_id = lab.one("select file_id from private.video_files where video_id = %s", lost)
    httpx.delete(
        f"{lab.standin.base_url}/v1/files/{file_id}", auth=(lab.standin.private_key, "")
    ).raise_for_status()

    dry = lab.command("reconcile", "--folder", where)
    assert dry.returncode == 1, dry.stderr
    assert f"orphan   {where}/orphan.mp4" in dry.stdout
    assert f"missing  {where}/ada-0.mp4 " in dry.stdout
    assert lab.states() == {}

    assert lab.command("reconcile", "--folder", where, "--apply").returncode == 1
    assert lab.states() == {"queued": 1}
    assert lab.alarms() == ["file_missing"]
    lab.make_due()
    lab.work()
    assert lab.files() == 0

    lab.owner.execute("delete from private.video_files")
    agreed = lab.command("reconcile", "--folder", where)
    assert agreed.returncode == 0
    assert "agree" in agreed.stdout


def test_verifying_names_what_should_be_gone(lab: Lab) -> None:
    assert lab.command("verify").returncode == 0
    lab.add_files(folder(40), ["left.mp4"])
    left = lab.command("verify")
    assert left.returncode == 1
    assert f"{folder(40)}/left.mp4" in left.stdout


def test_a_worker_refuses_a_login_that_may_do_more(lab: Lab) -> None:
    assert lab.command("worker", "--once").returncode == 0
    refused = lab.command("worker", "--once", API_DATABASE_URL_MEDIA=lab.database.owner_url)
    assert refused.returncode == 1
    assert "bypasses row-level security" in refused.stderr
    unset = lab.command("worker", "--once", IMAGEKIT_PRIVATE_KEY="")
    assert unset.returncode == 1
    assert "IMAGEKIT_PRIVATE_KEY is missing" in unset.stderr


def test_the_whole_life_of_a_video_ends_with_nothing_left(lab: Lab) -> None:
    lab.standin.limit(serve_deleted_until_purged=True)
    opened = ticket(lab, "ada")
    file_id = arrived(lab, opened)
    hold(lab, opened, file_id, title="a life")
    lab.work()
    url = lab.one("select video_url from public.videos")
    played = httpx.get(url, headers={"Range": "bytes=0-99"})
    assert (played.status_code, len(played.content)) == (206, 100)

    # One that was published twenty days ago, beside it.
    aged = lab.video("ada", folder(20), timedelta(days=20))
    old_url = lab.standin.url_endpoint + lab.one(
        "select file_path from private.video_files where video_id = %s", aged
    )
    assert httpx.get(old_url).status_code == 200
    while lab.one("select private.retire_expired_videos()"):
        pass
    assert lab.one("select count(*) from public.videos where id = %s", aged) == 0
    assert lab.one("select reason from private.video_tombstones where video_id = %s", aged) == (
        "expired"
    )
    assert lab.work()["folders deleted"] == 1
    assert httpx.get(old_url).status_code == 200, "the CDN has not been told yet"
    lab.make_due()
    assert lab.work()["purges"] == 1
    assert httpx.get(old_url).status_code == 404
    assert lab.files() == 1, "the young one"
