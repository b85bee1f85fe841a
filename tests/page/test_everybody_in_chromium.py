"""The demo page in a real Chromium with a keyboard alone, on small screens, for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.page.conftest import OpenWindow
from tests.page.videos import a_title

pytestmark = pytest.mark.slow


def test_the_keyboard_leads_in_order_to_all_that_is_on_the_screen(window: OpenWindow) -> None:
    older, newer = a_title("Older"), a_title("Newer")
    ada = window().sign_in("ada")
    ada.upload(older)
    ada.upload(newer)

    bob = window()
    keys = bob.page.keyboard
    focused = bob.page.locator(":focus")
    for expected in ("open-upload", "open-people"):
        keys.press("Tab")
        expect(focused).to_have_id(expected)
    keys.press("Enter")
    expect(focused).to_have_text("ada")
    keys.press("Tab")
    keys.press("Enter")
    expect(bob.page.locator("#open-people")).to_have_text("@bob")
    # Back where one came from.
    expect(focused).to_have_id("open-people")
    bob.shows(newer)

    keys.press("Tab")
    expect(focused).to_have_id("feed")
    # The buttons of the video on the screen, and of no other one.
    for expected in ("play", "like", "comment", "sound"):
        keys.press("Tab")
        expect(focused).to_have_class(expected)
        assert bob.current.locator(":focus").count() == 1
    for expected in ("previous", "next"):
        keys.press("Tab")
        expect(focused).to_have_id(expected)
    keys.press("Enter")
    bob.shows(older)
    keys.press("k")
    bob.shows(newer)
    for _ in range(4):
        keys.press("Shift+Tab")

    # Whoever is on the like button is on the next video's after a step.
    expect(bob.like).to_be_focused()
    keys.press("Space")
    expect(bob.like).to_have_attribute("aria-pressed", "true")
    keys.press("j")
    bob.shows(older)
    expect(bob.like).to_be_focused()


def test_everything_can_be_done_with_a_keyboard(window: OpenWindow) -> None:
    older, newer = a_title("Older"), a_title("Newer")
    ada = window().sign_in("ada")
    ada.upload(older)
    ada.upload(newer)
    bob = window().sign_in("bob")
    bob.shows(newer)
    keys = bob.page.keyboard

    for key, title in (("j", older), ("k", newer), ("ArrowDown", older), ("ArrowUp", newer)):
        keys.press(key)
        bob.shows(title)

    bob.page.locator("#feed").focus()
    bob.wait_for_player("!video.paused")
    keys.press("Space")
    bob.wait_for_player("video.paused")
    keys.press("Space")
    bob.wait_for_player("!video.paused")
    keys.press("m")
    bob.wait_for_player("!video.muted")
    keys.press("l")
    expect(bob.like).to_have_attribute("aria-pressed", "true")

    # In a field letters are letters.
    keys.press("c")
    field = bob.page.get_by_label("Your comment")
    field.focus()
    keys.type("jklm")
    expect(field).to_have_value("jklm")
    keys.press("Tab")
    keys.press("Enter")
    expect(bob.page.locator("#comments li p")).to_have_text("jklm")
    keys.press("Escape")
    expect(bob.page.locator("#comments")).to_be_hidden()
    bob.shows(newer)


def test_who_wants_less_motion_starts_videos_himself(window: OpenWindow) -> None:
    title = a_title("Still")
    window().sign_in("ada").upload(title)
    calm = window(reduced_motion="reduce")
    calm.shows(title)
    calm.wait_for_player("video.readyState >= 2")
    calm.page.wait_for_timeout(500)
    assert calm.player("video.paused")
    assert calm.player("video.currentTime") == 0
    calm.current.get_by_role("button", name="Play").click()
    calm.wait_for_player("video.currentTime > 0")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_is_cut_off_on_any_screen(
    window: OpenWindow, screenshots: Path, width: int
) -> None:
    title = a_title("A title of some length, as people write them when they have much to say")
    ada = window(viewport={"width": width, "height": 640}).sign_in("ada")
    ada.upload(title)
    assert ada.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in ada.page.locator("#phone button:visible:not([inert] *)").all():
        box = button.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 640
        # As large as a thumb.
        assert min(box["width"], box["height"]) >= 44
    ada.photograph(screenshots, f"{width}-wide")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_hinders_anybody(
    window: OpenWindow, axe: str, screenshots: Path, scheme: str
) -> None:
    ada = window(color_scheme=scheme).sign_in("ada")
    ada.upload(a_title("For everybody"))
    ada.current.locator(".comment").click()
    ada.page.get_by_label("Your comment").fill("Hello")
    ada.page.get_by_role("button", name="Send").click()
    expect(ada.page.locator("#comments li")).to_have_count(1)
    ada.page.keyboard.press("Escape")
    # By the debugger, whom the page's policy does not bind.
    ada.page.evaluate(f"() => {{ {axe} }}")
    openers = {
        "feed": [],
        "people": ["#open-people"],
        "upload": ["#open-upload"],
        "the-comments": ["article:not([inert]) .comment"],
        "sure": ["article:not([inert]) .delete"],
    }
    for name, clicks in openers.items():
        for selector in clicks:
            ada.page.locator(selector).click()
        found = ada.page.evaluate("async () => (await axe.run()).violations")
        told = [f"{one['id']}: {one['help']}: {one['nodes'][0]['html']}" for one in found]
        ada.photograph(screenshots, f"{name}-{scheme}")
        assert told == [], name
        ada.page.keyboard.press("Escape")
