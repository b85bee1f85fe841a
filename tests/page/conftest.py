"""The demo page as `make run` serves it, and a real Chromium that looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from dev.front import with_page
from dev.stack import browser, paths, supabase_js
from dev.stack.tokens import project_key
from tests.api.serving import environment, served
from tests.page.windows import PHONE, Window
from tests.support import npm
from tests.support.server import Database

HERE = Path(__file__).parent
PATIENCE_MS = 10_000

OpenWindow = Callable[..., Window]


@dataclass(frozen=True, slots=True)
class Front:
    """The API with the page in front, and the database behind."""

    url: str
    database: Database
    imagekit: Any


@pytest.fixture(scope="module")
def front(clone_database: Callable[[], Database], imagekit: Any, api: Any) -> Iterator[Front]:
    """A page nobody has used yet."""
    database = clone_database()
    given = environment(
        database,
        imagekit,
        api.jwt_secret,
        SUPABASE_ANON_KEY=project_key("anon", api.jwt_secret),
        API_POOL_SIZE="4",
    )
    with served(given, with_page) as url:
        yield Front(url, database, imagekit)


@pytest.fixture
def owner(front: Front) -> Iterator[psycopg.Connection[Any]]:
    """The owner of the database behind the page."""
    with psycopg.connect(front.database.owner_url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def supabase_client() -> None:
    """supabase-js, in the version that the page names."""
    supabase_js.fetched()


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which finds what hinders people."""
    home = npm.installed(HERE / "package.json", "page-tests")
    return (home / "node_modules" / "axe-core" / "axe.min.js").read_text()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium that finds no host but this machine."""
    program = browser.find()
    if program is None:
        pytest.fail(
            "There is no Chromium: as root, apt-get install chromium; or name one in CHROMIUM."
        )
    expect.set_options(timeout=PATIENCE_MS)
    # As root, and in containers, it cannot have its sandbox.
    options = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=options)
        yield running
        running.close()


@pytest.fixture
def window(chromium: Browser, front: Front, supabase_client: None) -> Iterator[OpenWindow]:
    """Open windows; at the end none may have asked a stranger or broken a rule."""
    windows: list[Window] = []
    with ExitStack() as stack:

        def open_window(**how: Any) -> Window:
            context = chromium.new_context(**({"viewport": PHONE} | how))
            context.set_default_timeout(PATIENCE_MS)
            stack.callback(context.close)
            windows.append(Window(context.new_page(), front.url))
            return windows[-1].open()

        yield open_window
    ours = {url.removeprefix("http://") for url in (front.url, front.imagekit.base_url)}
    for one in windows:
        assert one.hosts <= ours
        assert one.complaints == []


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the page are kept after the run."""
    return paths.local_folder("screenshots")
