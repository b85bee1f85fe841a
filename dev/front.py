"""`python -m dev.front`: the API with the demo page in front of it, as `make run` serves it.

`/` and `/page/...` are answered here, everything else is the product's. What is here exists on a
developer's machine only: the API's image does not contain `dev`, and nothing in `api` knows it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.__main__ import main as serve
from api.app import create_app
from api.errors import Failure, Surface
from api.http import Answer, header, read_object
from api.settings import Settings
from dev.imagekit.settings import refuse_production
from dev.stack import supabase_js
from dev.stack.tokens import project_key, user_token

FOLDER = Path(__file__).parent / "page"
SAMPLE = Path(__file__).parent / "imagekit" / "samples" / "sample.mp4"
PEOPLE = ("ada", "bob", "carol", "dave")
TOKEN_LIFE_S = 60 * 60
# A page elsewhere that calls itself this machine is sent away: no token for it.
OWN_NAMES = frozenset({"127.0.0.1", "localhost"})

TYPES = {
    ".css": b"text/css; charset=utf-8",
    ".html": b"text/html; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".mp4": b"video/mp4",
}
_FILE = re.compile(r"/page/([a-z]+\.(?:css|js))")


class Front:
    """Stands before the API and answers what belongs to the page."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Stand before `app`, which has these settings."""
        if settings.jwt_secret is None:
            message = "The demo page signs tokens itself: SUPABASE_JWT_SECRET is missing."
            raise SystemExit(message)
        self.app = app
        self.secret = settings.jwt_secret
        self.anon_key = settings.anon_key or project_key("anon", settings.jwt_secret)
        self.upload = _origin(settings.imagekit_upload_base)
        self.delivery = _origin(settings.imagekit_url_endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the page, or hand on to the API."""
        if scope["type"] == ScopeType.HTTP and _is_of_page(scope["path"]):
            try:
                answer = await self._answer(scope, receive)
            except Failure as failure:
                answer = Answer(failure.status, failure.body(Surface.API))
            await answer.send(send)
        else:
            await self.app(scope, receive, send)

    async def _answer(self, scope: HTTPScope, receive: Receive) -> Answer:
        host = (header(scope, b"host") or b"").decode("latin-1")
        if host.partition(":")[0] not in OWN_NAMES:
            return _said(421, "This page is for its own machine.")
        match scope["method"], scope["path"]:
            case "POST", "/page/sign-in":
                return self._sign_in(await read_object(scope, receive, required=True))
            case "GET", "/page/settings.json":
                # The address under which the page was opened: its own origin, whatever its name.
                return _json({"url": f"http://{host}", "anonKey": self.anon_key, "people": PEOPLE})
            case "GET" | "HEAD", path if file := self._named(path):
                return self._file(file, host)
            case _:
                return _said(404, "There is no such page.")

    @staticmethod
    def _named(path: str) -> Path | None:
        from_elsewhere = {
            "/": FOLDER / "index.html",
            "/page/sample.mp4": SAMPLE,
            "/page/supabase.js": supabase_js.bundle(),
        }
        own = _FILE.fullmatch(path)
        return from_elsewhere.get(path) or (FOLDER / own[1] if own else None)

    def _sign_in(self, wish: dict[str, object]) -> Answer:
        name = wish.get("name")
        if name not in PEOPLE:
            return _said(404, "There is no such person.")
        token = user_token(str(name), self.secret, lifetime=TOKEN_LIFE_S)
        return _json({"access_token": token, "expires_in": TOKEN_LIFE_S})

    def _file(self, path: Path, host: str) -> Answer:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return _said(404, "There is no such file.")
        policy = (
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            "script-src 'self'; style-src 'self'; "
            f"connect-src 'self' ws://{host} {self.upload}; "
            f"media-src {self.delivery}; img-src data: {self.delivery}"
        )
        headers = [
            (b"content-type", TYPES[path.suffix]),
            # Edit a file, reload, see it.
            (b"cache-control", b"no-cache"),
            (b"content-security-policy", policy.encode("latin-1")),
            *SAFE,
        ]
        return Answer(200, content, headers)


SAFE = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


def _is_of_page(path: str) -> bool:
    return path == "/" or path.startswith("/page/")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _json(content: object) -> Answer:
    kind = (b"content-type", b"application/json; charset=utf-8")
    return Answer(200, json.dumps(content).encode(), [kind, (b"cache-control", b"no-store"), *SAFE])


def _said(status: int, sentence: str) -> Answer:
    return Answer(
        status, sentence.encode(), [(b"content-type", b"text/plain; charset=utf-8"), *SAFE]
    )


def with_page(settings: Settings) -> ASGIApp:
    """Return the API with the page in front."""
    return Front(create_app(settings), settings)


if __name__ == "__main__":
    refuse_production()
    serve(with_page)
