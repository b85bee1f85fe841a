"""What the demo page says in a real Chromium when something goes wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.page.conftest import Front, OpenWindow
from tests.page.videos import Owner, a_title

pytestmark = pytest.mark.slow


def test_too_fast_is_said_with_the_time_to_wait(window: OpenWindow, owner: Owner) -> None:
    carol = window().sign_in("carol")
    carol.upload(a_title("Fast"))
    owner.execute("select ops.set_rate_rule('like', 1, '1 minute')")
    try:
        carol.like.click()
        expect(carol.page.locator("#heard")).to_have_text("Liked")
        carol.like.click()
        expect(carol.notice).to_have_text(
            re.compile(r"That was a little fast\. Try again in \d+ seconds\.")
        )
    finally:
        owner.execute("select ops.set_rate_rule('like', 60, '1 minute')")
    # What was shown too early is put back.
    expect(carol.like).to_have_attribute("aria-pressed", "true")
    expect(carol.like.locator(".count")).to_have_text("1")


def test_who_is_suspended_reads_so_and_may_look_on(
    window: OpenWindow, owner: Owner, screenshots: Path
) -> None:
    title = a_title("Quiet")
    window().sign_in("ada").upload(title)
    dave = window().sign_in("dave")
    dave.shows(title)
    owner.execute("select ops.suspend_user('dave', null, 'A test.')")
    try:
        dave.like.click()
        expect(dave.notice).to_have_text("You cannot do this. You are suspended for good.")
        dave.photograph(screenshots, "suspended")
    finally:
        owner.execute("select ops.unsuspend_user('dave')")
    expect(dave.like).to_have_attribute("aria-pressed", "false")
    dave.wait_for_player("!video.paused")


def test_a_network_that_is_gone_is_said_and_comes_back(window: OpenWindow) -> None:
    ada = window().sign_in("ada")
    ada.upload(a_title("Offline"))
    ada.page.context.set_offline(True)
    ada.like.click()
    expect(ada.notice).to_have_text("There is no connection. Try again when you are online.")
    expect(ada.like).to_have_attribute("aria-pressed", "false")
    ada.page.context.set_offline(False)
    ada.like.click()
    expect(ada.like).to_have_attribute("aria-pressed", "true")


def test_who_is_not_signed_in_looks_and_is_asked_to_sign_in(window: OpenWindow) -> None:
    title = a_title("Public")
    window().sign_in("ada").upload(title)
    nobody = window()
    nobody.shows(title)
    nobody.wait_for_player("video.currentTime > 0")
    nobody.like.click()
    expect(nobody.notice).to_have_text("Sign in first.")
    nobody.page.get_by_role("button", name="Upload a video").click()
    expect(nobody.page.get_by_role("dialog", name="Who are you?")).to_be_visible()


def test_an_upload_without_a_file_or_of_no_video_says_what_is_wrong(
    window: OpenWindow, tmp_path: Path
) -> None:
    ada = window().sign_in("ada")
    ada.page.get_by_role("button", name="Upload a video").click()
    dialog = ada.page.locator("#upload")
    send = dialog.get_by_role("button", name="Upload", exact=True)
    send.click()
    expect(dialog.locator(".notice")).to_have_text("Choose a file, or take the sample.")
    for name, said in (
        ("notes.txt", "Only mp4 and mov videos can be uploaded."),
        ("fake.mp4", "The file was refused. Is it really a video?"),
    ):
        file = tmp_path / name
        file.write_text("This is no video.")
        dialog.get_by_label("File, mp4 or mov").set_input_files(file)
        send.click()
        expect(dialog.locator(".notice")).to_have_text(said)
        expect(send).to_be_enabled()


def test_an_upload_can_be_cancelled_under_way(window: OpenWindow) -> None:
    ada = window().sign_in("ada")
    ada.page.get_by_role("button", name="Upload a video").click()
    dialog = ada.page.locator("#upload")
    dialog.get_by_label("the sample that ships").check()
    # The file never leaves.
    ada.page.route("**/files/upload", lambda _: None)
    dialog.get_by_role("button", name="Upload", exact=True).click()
    expect(dialog.locator(".going")).to_be_visible()
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog.locator(".notice")).to_have_text("Cancelled.")
    expect(dialog.locator(".going")).to_be_hidden()


def test_a_file_that_is_gone_is_said(window: OpenWindow, front: Front) -> None:
    title = a_title("Lost")
    window().sign_in("ada").upload(title)
    bob = window()
    bob.page.route(
        f"{front.imagekit.url_endpoint}/videos/**", lambda route: route.fulfill(status=404)
    )
    bob.page.reload()
    bob.shows(title)
    expect(bob.notice).to_have_text("This video cannot be played here.")


def test_without_supabase_js_the_page_says_how_to_get_it(window: OpenWindow, front: Front) -> None:
    page = window().page
    page.route("**/page/supabase.js", lambda route: route.fulfill(status=404))
    page.reload()
    expect(page.locator("#notice")).to_have_text(re.compile("npm.*make run"))


@pytest.mark.parametrize(("life_s", "is_renewed"), [(61, True), (3600, False)])
def test_a_token_is_renewed_a_minute_before_it_runs_out(
    window: OpenWindow, life_s: int, is_renewed: bool
) -> None:
    ada = window().sign_in("ada")
    ada.upload(a_title("Patience"))
    handed_out: list[str] = []

    def hand_out(route: Route) -> None:
        answer = route.fetch()
        handed_out.append(answer.json()["access_token"])
        route.fulfill(response=answer, json=answer.json() | {"expires_in": life_s})

    ada.page.route("**/page/sign-in", hand_out)
    ada.sign_in("bob")
    ada.page.wait_for_timeout(1100)
    before = len(handed_out)
    ada.like.click()
    expect(ada.page.locator("#heard")).to_have_text("Liked")
    assert (len(handed_out) > before) == is_renewed
