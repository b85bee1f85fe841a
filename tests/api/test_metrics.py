"""`/metrics`: what Prometheus scrapes, and who may."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.settings import Settings, SettingsError
from tests.api.people import Person
from tests.api.serving import served

TOKEN = "scrape-with-this-one"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(scope="module")
def watched(api_environment: dict[str, str]) -> Iterator[httpx.Client]:
    """An API that is scraped."""
    with (
        served(api_environment | {"METRICS_TOKEN": TOKEN}) as url,
        httpx.Client(base_url=url, timeout=10) as client,
    ):
        yield client


def scraped(client: httpx.Client) -> Samples:
    answer = client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["cache-control"] == "no-store"
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def requests(samples: Samples, route: str, method: str, status: int) -> float:
    labels = (("method", method), ("route", route), ("status", str(status)))
    return samples.get(("http_requests_total", labels), 0)


def test_requests_are_counted_by_route_and_never_by_path(watched: httpx.Client) -> None:
    unknown = "/api/videos/00000000-0000-7000-8000-000000000000"
    before = scraped(watched)
    for _ in range(3):
        assert watched.get("/api/videos/feed").status_code == 200
    assert watched.get(unknown).status_code == 404
    assert watched.get("/nowhere/at/all").status_code == 404
    assert watched.request("PROPFIND", "/api/health").status_code == 405
    after = scraped(watched)
    for route, method, status, times in (
        ("/api/videos/feed", "GET", 200, 3),
        ("/api/videos/{id}", "GET", 404, 1),
        ("none", "GET", 404, 1),
        ("none", "other", 405, 1),
    ):
        counted = requests(after, route, method, status) - requests(before, route, method, status)
        assert counted == times, (route, method)
    assert not any("nowhere" in str(labels) or "PROPFIND" in str(labels) for _, labels in after)
    timed = ("http_request_seconds_count", (("route", "/api/videos/feed"),))
    assert after[timed] - before.get(timed, 0) == 3


def test_connections_and_checks_are_there(watched: httpx.Client) -> None:
    deadline = time.monotonic() + 5
    while True:
        samples = scraped(watched)
        idle = samples["database_connections", (("role", "anon"), ("state", "idle"))]
        busy = samples["database_connections", (("role", "anon"), ("state", "busy"))]
        if (idle, busy) == (2, 0):
            break
        assert time.monotonic() < deadline, (idle, busy)
    assert samples["database_calls_waiting", (("role", "user"),)] == 0
    for check in ("breaker", "cron", "deletions", "deploy", "drift", "retention", "database"):
        assert ("check_ok", (("check", check),)) in samples
    assert samples["check_ok", (("check", "database"),)] == 1
    assert samples["check_value", (("check", "deploy"),)] > 10


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN])
def test_nobody_else_scrapes(watched: httpx.Client, given: str | None) -> None:
    headers = {} if given is None else {"authorization": given}
    answer = watched.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"] == "invalid_token"


def test_without_a_token_there_is_no_such_page(nobody: Person) -> None:
    answer = nobody.get("/metrics")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "route_not_found"


@pytest.mark.parametrize("token", ["short", "with some spaces in it", "né" * 12])
def test_a_token_that_could_be_guessed_is_refused_at_the_start(
    api_environment: dict[str, str], token: str
) -> None:
    with pytest.raises(SettingsError, match="METRICS_TOKEN must have at least 16"):
        Settings.from_environment(api_environment | {"METRICS_TOKEN": token})
