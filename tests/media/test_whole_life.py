"""One video from the first request to the last copy of its file."""

from __future__ import annotations

import secrets
from datetime import timedelta

import httpx

from dev.stack.tokens import user_token
from tests.api.people import Person, send_file
from tests.api.serving import environment, served
from tests.media.lab import Lab


def test_a_video_lives_from_its_ticket_until_no_copy_is_left(lab: Lab) -> None:
    lab.standin.limit(serve_deleted_until_purged=True)
    secret = secrets.token_urlsafe(32)
    with (
        served(environment(lab.database, lab.standin, secret)) as url,
        httpx.Client(base_url=url, timeout=30) as http,
    ):
        ada = Person(http, "ada", {"authorization": f"Bearer {user_token('ada', secret)}"})
        uploaded = send_file(ada.ticket(), "sample.mp4")
        posted = ada.post("/api/videos", json=uploaded.body | {"title": "a life"})
        assert posted.status_code in {200, 201}, posted.text
        [video] = ada.rpc("feed").json()
        assert (video["title"], video["video_url"]) == ("a life", uploaded.url)

        played = httpx.get(video["video_url"], headers={"Range": "bytes=0-99"})
        assert (played.status_code, len(played.content)) == (206, 100)
        assert lab.files() == 1

        # Fourteen days and a minute later.
        lab.owner.execute(
            "update public.videos set created_at = now() - %s where id = %s",
            (timedelta(days=14, minutes=1), video["id"]),
        )
        assert ada.rpc("feed").json() == []
        while lab.one("select private.retire_expired_videos()"):
            pass
        assert ada.get(f"/api/videos/{video['id']}").status_code == 410

    details = f"{lab.standin.base_url}/v1/files/{uploaded.file_id}/details"
    key = (lab.standin.private_key, "")
    assert httpx.get(details, auth=key).status_code == 200, "ImageKit still has its file"
    assert lab.work()["files deleted"] == 1
    assert httpx.get(details, auth=key).status_code == 404
    assert httpx.get(uploaded.url).status_code == 200, "the CDN has not been told yet"
    lab.make_due()
    assert lab.work()["purges"] == 1
    assert httpx.get(uploaded.url).status_code == 404
    assert lab.files() == 0, "no copy is left on its disk"
    assert lab.states() == {"done": 1}
    assert lab.alarms() == []
