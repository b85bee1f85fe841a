"""What serves the page: the page's own files, demo people, and nothing of either in the product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dev import front as front_module
from dev.stack import paths
from tests.page.conftest import Front

PAGE = front_module.FOLDER
FUNCTIONS = paths.ROOT / "db" / "functions" / "public"


@pytest.fixture
def browser_less(front: Front) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=front.url, timeout=30) as client:
        yield client


def test_the_page_may_load_only_from_here_and_from_the_media_service(
    browser_less: httpx.Client, front: Front
) -> None:
    answer = browser_less.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    here, media = front.url.removeprefix("http://"), front.imagekit.base_url
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["connect-src"] == f"'self' ws://{here} {media}"
    assert rules["media-src"] == media
    assert rules["img-src"] == f"data: {media}"
    assert rules["frame-ancestors"] == "'none'"


def test_every_file_that_the_page_names_is_served(browser_less: httpx.Client) -> None:
    html = browser_less.get("/").text
    named = set(re.findall(r'(?:src|href)="(/page/[^"]+)"', html)) - {"/page/supabase.js"}
    for script in PAGE.glob("*.js"):
        imported = re.findall(r"from '\./([a-z]+\.js)'", script.read_text())
        named |= {f"/page/{name}" for name in imported}
    assert named >= {"/page/app.js", "/page/style.css", "/page/feed.js"}
    answers = {path: browser_less.get(path) for path in named}
    assert {path: one.status_code for path, one in answers.items()} == dict.fromkeys(named, 200)
    assert {one.headers["content-type"] for one in answers.values()} == {
        "text/css; charset=utf-8",
        "text/javascript; charset=utf-8",
    }
    # No file lies about that nothing loads.
    assert {Path(path).name for path in named} == {
        path.name for path in PAGE.iterdir() if path.suffix in {".js", ".css"}
    }


@pytest.mark.parametrize(
    "path",
    ["/page/", "/page/package.json", "/page/..%2ffront.py", "/page/index.html", "/page/x.js"],
)
def test_nothing_else_is_served(browser_less: httpx.Client, path: str) -> None:
    assert browser_less.get(path).status_code == 404


def test_a_demo_person_gets_a_token_that_the_api_takes(browser_less: httpx.Client) -> None:
    said = browser_less.post("/page/sign-in", json={"name": "ada"}).json()
    bearer = {"authorization": f"Bearer {said['access_token']}"}
    profile = browser_less.post("/rest/v1/rpc/my_profile", headers=bearer, json={}).json()
    assert profile["user_id"] == "ada"
    assert said["expires_in"] == 3600


@pytest.mark.parametrize("wish", [{}, {"name": "mallory"}, {"name": ["ada"]}, {"name": None}])
def test_nobody_else_is_signed_in(browser_less: httpx.Client, wish: dict[str, Any]) -> None:
    assert browser_less.post("/page/sign-in", json=wish).status_code == 404


def test_a_body_that_is_no_json_is_refused(browser_less: httpx.Client) -> None:
    kind = {"content-type": "application/json"}
    answer = browser_less.post("/page/sign-in", content=b"{", headers=kind)
    assert answer.status_code == 400


def test_a_page_under_another_name_gets_no_token(browser_less: httpx.Client) -> None:
    elsewhere = {"host": "evil.example:3000"}
    for answer in (
        browser_less.post("/page/sign-in", json={"name": "ada"}, headers=elsewhere),
        browser_less.get("/", headers=elsewhere),
    ):
        assert answer.status_code == 421


def test_the_rest_is_the_api_as_it_is(browser_less: httpx.Client) -> None:
    answer = browser_less.get("/api/health")
    assert answer.json()["status"] == "OK"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert browser_less.get("/page").status_code == 404


def test_the_product_by_itself_has_no_page_and_signs_nobody_in(http: httpx.Client) -> None:
    assert http.get("/").status_code == 404
    assert http.get("/page/settings.json").status_code == 404
    assert http.post("/page/sign-in", json={"name": "ada"}).status_code == 404
    assert "dev" not in (paths.ROOT / "Dockerfile").read_text().split("COPY")[-1].split("\n")[0]
    sources = (path.read_text() for path in (paths.ROOT / "api").rglob("*.py"))
    assert not [source for source in sources if re.search(r"^\s*(from|import) dev\b", source, re.M)]


def slugs_of(function: str) -> set[str]:
    """The errors that a function's own comment promises."""
    text = (FUNCTIONS / f"{function}.sql").read_text()
    comment = text.split("comment on function", 1)[1].split("';", 1)[0]
    promised = re.sub(r"'\s*'", "", comment).split("Errors:", 1)
    return set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b|\bsuspended\b", promised[1])) - {"request_id"}


def test_each_error_that_a_call_of_the_page_can_give_has_a_sentence() -> None:
    scripts = "\n".join(path.read_text() for path in PAGE.glob("*.js"))
    called = set(re.findall(r"rpc\('(\w+)'", scripts))
    assert called >= {"feed", "like_video", "add_video_comment", "record_view", "delete_video"}
    sentences = set(re.findall(r"^  (\w+):", (PAGE / "errors.js").read_text(), re.MULTILINE))
    promised = {slug for function in called for slug in slugs_of(function)}
    assert "comment_too_long" in promised
    assert promised - sentences == set()


def test_each_failure_that_the_page_makes_itself_has_a_sentence() -> None:
    scripts = "\n".join(path.read_text() for path in PAGE.glob("*.js"))
    made = set(re.findall(r"new Failure\('(\w+)'", scripts)) - {"unknown"}
    sentences = set(re.findall(r"^  (\w+):", (PAGE / "errors.js").read_text(), re.MULTILINE))
    assert made - sentences == set()
