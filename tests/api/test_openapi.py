"""The document says what the routes do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from api.app import DOCUMENTED, ENDPOINTS, ORDINARY_HANDLERS
from tests.api.people import Person


@pytest.fixture(scope="module")
def document(http: httpx.Client) -> dict[str, Any]:
    answer = http.get("/api/openapi.json")
    assert answer.status_code == 200
    whole: dict[str, Any] = answer.json()
    return whole


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_every_route_is_documented_and_nothing_else(document: dict[str, Any]) -> None:
    served = {(endpoint.about.method, endpoint.about.path) for endpoint in ENDPOINTS}
    for handler in ORDINARY_HANDLERS:
        served |= {
            (method, path.replace(":str", ""))
            for method in handler.http_methods
            for path in handler.paths
        }
    # Neither for apps nor theirs to describe: a scrape with a token of its own.
    served -= {("GET", "/metrics")}
    served |= {(method, "/rest/v1/rpc/{function}") for method in ("GET", "POST")}
    assert set(operations(document)) == served


def test_every_route_has_a_summary_an_example_and_its_errors(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for operation in operations(document).values()]
    assert len(ids) == len(set(ids))
    for (_, path), operation in operations(document).items():
        assert operation["summary"]
        responses = operation["responses"]
        success = min(responses)
        assert responses[success]["content"]["application/json"]["example"] is not None
        if path != "/api/health":
            assert {"400", "401", "503"} <= set(responses), path


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            here = {value["$ref"]} if "$ref" in value else set()
            return here.union(*map(references, value.values()))
        if isinstance(value, list):
            return set().union(*map(references, value))
        return set()

    found = references(document)
    assert found
    assert found <= {f"#/components/schemas/{name}" for name in schemas}


@pytest.mark.parametrize("about", DOCUMENTED, ids=lambda about: f"{about.method} {about.path}")
def test_a_route_demands_a_user_exactly_where_the_document_says_so(
    about: Any, document: dict[str, Any], nobody: Person
) -> None:
    unknown = "00000000-0000-7000-8000-000000000000"
    path = about.path
    for name in ("{id}", "{comment_id}", "{ticket_id}", "{user_id}"):
        path = path.replace(name, unknown)
    answer = nobody.send(about.method, path, json={})
    operation = operations(document)[about.method, about.path]
    assert (answer.status_code == 401) == ({} not in operation["security"])


@pytest.mark.parametrize("about", DOCUMENTED, ids=lambda about: f"{about.method} {about.path}")
def test_the_examples_have_the_shape_of_the_answers(about: Any) -> None:
    if about.path == "/api/health":
        assert set(about.example) == {"status", "message", "timestamp"}
    elif about.path == "/api/health/ready":
        assert set(about.example) == {"status", "timestamp", "checks"}
    else:
        assert {"success", "data", "message"} <= set(about.example)


def test_the_page_needs_nothing_from_the_network(http: httpx.Client) -> None:
    answer = http.get("/api/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    page = answer.text
    for about in DOCUMENTED:
        assert f"{about.method} {about.path}" in page
    assert "http-equiv" not in page
    for loader in ("<script", "<link", "<img", "@import", "url("):
        assert loader not in page
