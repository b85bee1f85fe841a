"""Who calls the API in the tests, and how a phone uploads."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from dev.stack.tokens import user_token

SAMPLES = Path(__file__).parents[2] / "dev" / "imagekit" / "samples"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone; `user_id` is None for a stranger who is not signed in."""

    http: httpx.Client
    user_id: str | None
    headers: dict[str, str]

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.send("POST", path, **options)

    def patch(self, path: str, **options: Any) -> httpx.Response:
        return self.send("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.send("DELETE", path, **options)

    def rpc(self, function: str, **arguments: Any) -> httpx.Response:
        """Call a function the way the Supabase client does."""
        return self.post(f"/rest/v1/rpc/{function}", json=arguments)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        return self.http.request(method, path, headers=headers, **options)

    def ticket(self, **wanted: Any) -> dict[str, Any]:
        """Open an upload."""
        answer = self.post("/api/uploads", json=wanted)
        assert answer.status_code == 200, answer.text
        ticket: dict[str, Any] = answer.json()["data"]
        return ticket

    def upload(self, **wanted: Any) -> Uploaded:
        """Open an upload and send the sample file where the ticket says."""
        ticket = self.ticket(**wanted)
        is_video = wanted.get("purpose", "video") == "video"
        return send_file(ticket, "sample.mp4" if is_video else "thumbnail.jpg")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file at ImageKit, and the ticket it was uploaded with."""

    ticket_id: str
    file_id: str
    url: str

    @property
    def body(self) -> dict[str, Any]:
        """What is sent to publish it."""
        return {"ticket_id": self.ticket_id, "file_id": self.file_id}


def send_file(ticket: dict[str, Any], sample: str) -> Uploaded:
    """Post a sample file with a ticket's fields, as a phone does."""
    content = (SAMPLES / sample).read_bytes()
    answer = httpx.post(
        ticket["uploadUrl"], data=ticket["fields"], files={"file": (sample, content)}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    file = answer.json()
    return Uploaded(ticket["ticketId"], file["fileId"], file["url"])


def person(http: httpx.Client, name: str, secret: str) -> Person:
    """Return a signed-in person nobody has seen before, so that tests do not meet."""
    user_id = f"{name}-{uuid.uuid4().hex[:8]}"
    token = user_token(user_id, secret)
    return Person(http, user_id, {"authorization": f"Bearer {token}"})


def stranger(http: httpx.Client) -> Person:
    """Return somebody who is not signed in."""
    return Person(http, None, {})
