"""The demo page in a real Chromium: what a person sees, hears of and can do.

Each test has people of its own or a video of its own, so that none meets another's.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.page.conftest import Front, OpenWindow
from tests.page.videos import Owner, a_title, insert_videos
from tests.page.windows import Window

pytestmark = pytest.mark.slow


def test_a_person_uploads_a_video_and_it_plays(window: OpenWindow, screenshots: Path) -> None:
    ada = window().sign_in("ada")
    title = a_title("Sunset")
    progress: list[str] = []

    def note(step: str) -> None:
        progress.append(step)

    ada.page.expose_function("noteProgress", note)
    ada.page.evaluate(
        """() => new MutationObserver(() =>
            noteProgress(document.querySelector('#upload .step').textContent)
        ).observe(document.querySelector('#upload .step'), { childList: true })"""
    )
    requests: list[dict[str, str]] = []
    ada.page.on("request", lambda request: requests.append(request.headers | {"at": request.url}))

    ada.upload(title)

    assert progress[0] == "Asking for a place"
    assert "Uploading, 100 %" in progress
    assert progress[-1] == "Publishing"
    expect(ada.current.locator(".who")).to_have_text("@ada")
    expect(ada.current.locator(".expiry")).to_have_text("gone in 13 days")
    ada.wait_for_player("video.currentTime > 0.5 && !video.paused")
    assert ada.player("video.error") is None
    assert ada.player("[video.videoWidth, video.videoHeight]") == [180, 320]
    file = ada.player("video.currentSrc")
    assert [headers for headers in requests if headers["at"] == file and "range" in headers]
    ada.photograph(screenshots, "playing")


def test_somebody_else_sees_it_after_a_reload_and_may_not_delete_it(window: OpenWindow) -> None:
    title = a_title("Harbour")
    window().sign_in("ada").upload(title)
    bob = window().sign_in("bob")
    bob.shows(title)
    expect(bob.current.locator(".delete")).to_be_hidden()
    bob.page.reload()
    expect(bob.page.locator("#open-people")).to_have_text("@bob")
    bob.shows(title)


def test_a_like_is_counted_and_taken_back(window: OpenWindow, owner: Owner) -> None:
    ada = window().sign_in("ada")
    title = a_title("Liked")
    ada.upload(title)
    for pressed, count, heard in (("true", 1, "Liked"), ("false", 0, "Not liked any more")):
        ada.like.click()
        expect(ada.like).to_have_attribute("aria-pressed", pressed)
        expect(ada.like).to_have_attribute("aria-label", re.compile(rf"Like, {count} like"))
        expect(ada.page.locator("#heard")).to_have_text(heard)
        assert stored_likes(owner, title) == count


def test_of_likes_pressed_in_a_hurry_the_last_wish_counts(window: OpenWindow, owner: Owner) -> None:
    ada = window().sign_in("ada")
    title = a_title("Hurried")
    ada.upload(title)
    under_way: list[int] = [0]
    sent: list[bool] = []

    def slow(route: Route) -> None:
        under_way[0] += 1
        assert under_way[0] == 1
        sent.append(json.loads(route.request.post_data or "{}")["liked"])
        answer = route.fetch()
        ada.page.wait_for_timeout(300)
        under_way[0] -= 1
        route.fulfill(response=answer)

    ada.page.route("**/rpc/like_video", slow)
    for _ in range(4):
        ada.page.keyboard.press("l")
    expect(ada.page.locator("#heard")).to_have_text("Not liked any more")
    assert sent == [True, False]
    expect(ada.like).to_have_attribute("aria-pressed", "false")
    expect(ada.like.locator(".count")).to_have_text("0")
    assert stored_likes(owner, title) == 0


def stored_likes(owner: Owner, title: str) -> int:
    row = owner.execute(
        "select count(*) from public.video_likes as l "
        "join public.videos as v on v.id = l.video_id where v.title = %s",
        (title,),
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_counters_move_in_a_second_window(window: OpenWindow) -> None:
    """Without a channel too: then the page asks every few seconds."""
    title = a_title("Two windows")
    ada = window().sign_in("ada")
    ada.upload(title)
    bob = window().sign_in("bob")
    bob.shows(title)
    bob.like.click()
    expect(ada.like.locator(".count")).to_have_text("1")
    bob.page.keyboard.press("c")
    bob.page.get_by_label("Your comment").fill("Seen!")
    bob.page.get_by_role("button", name="Send").click()
    expect(ada.current.locator(".comment .count")).to_have_text("1")


def test_two_people_side_by_side_for_the_readme(
    chromium: Browser, window: OpenWindow, screenshots: Path, tmp_path: Path
) -> None:
    """The picture in docs/demo.png is `.local/screenshots/demo.png` of a run."""
    size = {"width": 360, "height": 640}
    ada, bob = (window(viewport=size).sign_in(name) for name in ("ada", "bob"))
    ada.upload("Evening at the harbour", film(tmp_path))
    bob.page.reload()
    bob.shows("Evening at the harbour")
    bob.like.click()
    bob.page.keyboard.press("c")
    bob.page.get_by_label("Your comment").fill("Where is this?")
    bob.page.get_by_role("button", name="Send").click()
    expect(bob.page.locator("#comments li")).to_have_count(1)
    expect(ada.like.locator(".count")).to_have_text("1")
    expect(ada.current.locator(".comment .count")).to_have_text("1")
    ada.wait_for_player("video.currentTime > 0")
    # Until no button is in the middle of a transition.
    ada.page.wait_for_timeout(400)
    shots = [one.page.screenshot() for one in (ada, bob)]
    assert side_by_side(chromium, shots, screenshots / "demo.png") < 200_000


def film(folder: Path) -> Path | None:
    """Something nicer to look at than the sample, where there is ffmpeg."""
    if shutil.which("ffmpeg") is None:
        return None
    path = folder / "film.mp4"
    picture = "gradients=s=180x320:d=4:r=24:c0=0x1b2a6b:c1=0xd1495b:c2=0xedae49:n=3:seed=4"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(path)], check=True)
    return path


def side_by_side(chromium: Browser, shots: list[bytes], path: Path) -> int:
    """Put pictures next to each other; gives the size of the file."""
    coded = [base64.b64encode(shot).decode() for shot in shots]
    pictures = "".join(f'<img src="data:image/png;base64,{one}">' for one in coded)
    page = chromium.new_page(viewport={"width": 760, "height": 660})
    page.set_content(
        "<style>body { margin: 10px; display: flex; gap: 20px; background: #e9e9ee }"
        f"img {{ border-radius: 20px }}</style>{pictures}"
    )
    size = len(page.screenshot(path=path))
    page.close()
    return size


def test_counters_move_at_once_through_the_videos_private_channel(
    window: OpenWindow, screenshots: Path
) -> None:
    title = a_title("Live")
    ada = window().sign_in("ada")
    ada.upload(title)
    expect(ada.page.locator("#live")).to_have_attribute("data-state", "live", timeout=5000)
    bob = window().sign_in("bob")
    bob.shows(title)
    # From here on nothing is asked for: what ada sees comes through the channel.
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    bob.like.click()
    expect(ada.like.locator(".count")).to_have_text("1", timeout=2000)
    expect(ada.like).to_have_attribute("aria-pressed", "false")
    assert not [url for url in asked if "/rest/" in url]
    # Gone for whoever watches, too.
    delete_current(ada)
    expect(bob.page.get_by_text(title)).to_have_count(0, timeout=2000)


def test_a_view_is_counted_once_and_never_ones_own(window: OpenWindow, owner: Owner) -> None:
    title = a_title("Watched")
    ada = window().sign_in("ada")
    ada.upload(title)
    for _ in range(2):
        bob = window().sign_in("bob")
        bob.shows(title)
        with bob.page.expect_response("**/rpc/record_view"):
            bob.wait_for_player("video.currentTime > 0")
    expect(ada.current.locator(".views")).to_have_text("1 view")


def test_comments_are_written_read_on_and_deleted(
    window: OpenWindow, owner: Owner, screenshots: Path
) -> None:
    ada = window().sign_in("ada")
    title = a_title("Commented")
    ada.upload(title)
    owner.execute(
        "insert into public.video_comments (video_id, user_id, text) "
        "select v.id, 'ada', 'Comment ' || n from public.videos as v, generate_series(1, 25) as n "
        "where v.title = %s",
        (title,),
    )
    bob = window().sign_in("bob")
    bob.shows(title)
    bob.current.locator(".comment").click()
    dialog = bob.page.get_by_role("dialog", name="25 comments")
    expect(dialog.locator("li")).to_have_count(20)
    dialog.get_by_role("button", name="Older comments").click()
    expect(dialog.locator("li")).to_have_count(25)
    expect(dialog.get_by_role("button", name="Older comments")).to_be_hidden()
    # Of others' comments on others' videos none can be deleted.
    expect(dialog.get_by_role("button", name="Delete")).to_have_count(0)

    dialog = bob.page.locator("#comments")
    dialog.get_by_label("Your comment").fill("<b>Where</b> is this?")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("li").first.locator("p")).to_have_text("<b>Where</b> is this?")
    expect(dialog.locator("h2")).to_have_text("26 comments")
    bob.photograph(screenshots, "comments")

    dialog.get_by_role("button", name="Delete the comment").click()
    expect(dialog.locator("h2")).to_have_text("25 comments")
    expect(dialog.locator("li p", has_text="Where")).to_have_count(0)


def test_a_comment_sent_again_after_a_broken_answer_is_there_once(
    window: OpenWindow, owner: Owner
) -> None:
    ada = window().sign_in("ada")
    ada.upload(a_title("Tunnel"))
    ada.current.locator(".comment").click()
    dialog = ada.page.locator("#comments")

    def arrives_but_the_answer_is_lost(route: Route) -> None:
        route.fetch()
        route.abort()

    ada.page.route("**/rpc/add_video_comment", arrives_but_the_answer_is_lost, times=1)
    dialog.get_by_label("Your comment").fill("Only once")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator(".notice")).to_have_text(re.compile("no connection"))
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("li")).to_have_count(1)
    row = owner.execute(
        "select count(*) from public.video_comments where text = 'Only once'"
    ).fetchone()
    assert row == (1,)


def test_comments_of_others_meanwhile_are_counted_once_too(
    window: OpenWindow, owner: Owner
) -> None:
    ada = window().sign_in("ada")
    title = a_title("Crowded")
    ada.upload(title)

    def bob_is_as_fast(route: Route) -> None:
        answer = route.fetch()
        owner.execute(
            "insert into public.video_comments (video_id, user_id, text) "
            "select v.id, 'bob', 'Me too' from public.videos as v, generate_series(1, 2) "
            "where v.title = %s",
            (title,),
        )
        # Long enough for a channel to tell of some before the answer is there.
        ada.page.wait_for_timeout(1500)
        route.fulfill(response=answer)

    ada.page.route("**/rpc/add_video_comment", bob_is_as_fast)
    ada.current.locator(".comment").click()
    dialog = ada.page.locator("#comments")
    dialog.get_by_label("Your comment").fill("First!")
    dialog.get_by_role("button", name="Send").click()
    expect(dialog.locator("li")).to_have_count(1)
    # At once: asking by itself comes later.
    expect(dialog.locator("h2")).to_have_text("3 comments", timeout=2000)
    expect(ada.page.locator("#heard")).to_have_text("Your comment is there.")
    expect(dialog.locator("h2")).to_have_text("3 comments")


def delete_current(window: Window) -> None:
    window.current.get_by_role("button", name="Delete this video").click()
    window.page.get_by_role("button", name="Delete", exact=True).click()


def test_an_own_video_is_deleted_after_a_question(window: OpenWindow, owner: Owner) -> None:
    ada = window().sign_in("ada")
    title = a_title("Regretted")
    ada.upload(title)
    ada.current.get_by_role("button", name="Delete this video").click()
    ada.page.get_by_role("button", name="Keep it").click()
    ada.shows(title)
    delete_current(ada)
    expect(ada.page.get_by_text(title)).to_have_count(0)
    row = owner.execute(
        "select deleted_at is not null from public.videos where title = %s", (title,)
    ).fetchone()
    assert row in {None, (True,)}
    expect(window().page.get_by_text(title)).to_have_count(0)


def test_the_feed_goes_on_without_end_and_repeats_nothing(
    window: OpenWindow, owner: Owner, front: Front
) -> None:
    titles = insert_videos(owner, front, 23, age="2 days")
    # A whole number of pages before them, or not: every one of them comes exactly once.
    nobody = window()
    cards = nobody.page.locator("article")
    expect(nobody.page.locator("#next")).to_be_visible()
    for _ in range(60):
        if nobody.page.get_by_text(titles[-1], exact=True).count():
            break
        before = nobody.current.get_attribute("id")
        nobody.page.keyboard.press("j")
        expect(nobody.current).not_to_have_attribute("id", before or "")
    shown = [text for text in cards.locator(".title").all_inner_texts() if text in titles]
    assert shown == titles
    ids = [card.get_attribute("id") for card in cards.all()]
    assert len(ids) == len(set(ids))
    # A phone's memory is small: a file for the one on the screen and its neighbours.
    assert nobody.page.locator("video[src]").count() <= 3
    owner.execute("delete from public.videos where user_id = 'grace'")


def scroll_to(page: Page, card: Locator) -> None:
    """Scroll until the page with the card is loaded, as a person does, and to the card."""
    for _ in range(50):
        if card.count():
            break
        page.locator("article").last.scroll_into_view_if_needed()
        page.wait_for_timeout(100)
    card.scroll_into_view_if_needed()


def test_age_is_shown_and_a_video_goes_to_the_second(
    window: OpenWindow, owner: Owner, front: Front
) -> None:
    insert_videos(owner, front, 1, age="13 days 20 hours", by="henry")
    insert_videos(owner, front, 1, age="13 days 23:59:20", by="iris")
    nobody = window()
    # It is not told, nor does it ask.
    nobody.page.route("**/rpc/get_video", lambda route: route.abort())
    old = nobody.page.locator("article", has_text="@henry")
    last = nobody.page.locator("article", has_text="@iris")
    for card, said in ((old, "gone in 3 hours"), (last, "gone within a minute")):
        scroll_to(nobody.page, card)
        expect(card.locator(".expiry")).to_have_text(said)
    expect(last).to_have_count(0, timeout=50_000)
