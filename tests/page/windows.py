"""A window on the demo page, and what a person does in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

PHONE = {"width": 390, "height": 844}


class Window:
    """One window: nothing leaks into another one, and all that it asks for is written down."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        page.on("request", lambda request: self._note(request.url))
        page.on("websocket", lambda socket: self._note(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda message: self._hear(message.text))

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"data", "blob"}:
            self.hosts.add(parts.netloc)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.complaints.append(text)

    def open(self) -> Window:
        """Look at the page and wait for the feed."""
        self.page.goto(self.url)
        expect(self.page.locator("#feed")).to_have_attribute("aria-busy", "false")
        return self

    def sign_in(self, name: str) -> Window:
        """Become one of the demo people."""
        self.page.locator("#open-people").click()
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.locator("#open-people")).to_have_text(f"@{name}")
        expect(self.page.locator("#feed")).to_have_attribute("aria-busy", "false")
        return self

    def upload(self, title: str, file: Path | None = None) -> None:
        """Upload a file, or else the sample that ships, and wait until it is on the screen."""
        self.page.get_by_role("button", name="Upload a video").click()
        dialog = self.page.get_by_role("dialog", name="Upload a video")
        if file is None:
            dialog.get_by_label("the sample that ships").check()
        else:
            dialog.get_by_label("File, mp4 or mov").set_input_files(file)
        dialog.get_by_label("Title").fill(title)
        dialog.get_by_role("button", name="Upload", exact=True).click()
        expect(dialog).to_be_hidden()
        self.shows(title)

    def shows(self, title: str) -> None:
        """Wait until this video fills the screen."""
        expect(self.current.locator(".title")).to_have_text(title)

    @property
    def current(self) -> Locator:
        """The video on the screen; the others are inert."""
        return self.page.locator("article:not([inert])")

    @property
    def like(self) -> Locator:
        """Its like button."""
        return self.current.locator(".like")

    @property
    def notice(self) -> Locator:
        """What the page says at its foot."""
        return self.page.locator("#notice")

    def player(self, expression: str) -> Any:
        """Ask the video element on the screen."""
        return self.current.locator("video").evaluate(f"video => {expression}")

    def wait_for_player(self, condition: str) -> None:
        """Wait until something is true of the video element on the screen."""
        self.page.wait_for_function(
            f"""() => {{
                const video = document.querySelector('article:not([inert]) video');
                return video && ({condition});
            }}"""
        )

    def photograph(self, folder: Path, name: str) -> Path:
        """Keep what it looks like."""
        path = folder / f"{name}.png"
        self.page.screenshot(path=path)
        return path
