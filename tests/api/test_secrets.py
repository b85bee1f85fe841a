"""No secret leaves, neither in an answer nor in a log."""

from __future__ import annotations

import json
import secrets
import signal
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from psycopg.conninfo import conninfo_to_dict

from dev.stack.tokens import project_key, user_token
from tests.api.conftest import MakeVideo
from tests.api.lines import OpenLine
from tests.api.people import Person, send_file
from tests.api.serving import environment, process


def test_no_secret_is_in_an_answer_or_a_log_and_each_answers_id_is(
    database: Any, imagekit: Any, make_video: MakeVideo, ada: Person, open_line: OpenLine
) -> None:
    """A whole run, with every secret known: calls that work, that are refused, that break."""
    jwt_secret, webhook_secret = secrets.token_urlsafe(40), f"whsec_{secrets.token_hex(16)}"
    given = environment(
        database,
        imagekit,
        jwt_secret,
        IMAGEKIT_WEBHOOK_SECRET=webhook_secret,
        SUPABASE_SERVICE_ROLE_KEY=project_key("service_role", jwt_secret),
    )
    token = user_token("ada-of-the-secrets", jwt_secret)
    passwords = [
        str(conninfo_to_dict(given[f"API_DATABASE_URL_{name}"])["password"])
        for name in ("ANON", "USER", "MEDIA")
    ]
    known = {
        "the secret of tokens": jwt_secret,
        "the key of ImageKit": imagekit.private_key,
        "the secret of webhooks": webhook_secret,
        "the service key": given["SUPABASE_SERVICE_ROLE_KEY"],
        "a user's token": token,
        "a text somebody wrote": "a very private comment",
        **{f"password {number}": password for number, password in enumerate(passwords)},
    }
    video_id = make_video(ada)
    headers = {"authorization": f"Bearer {token}"}
    answers: list[httpx.Response] = []
    with process(given) as (started, url), httpx.Client(base_url=url, headers=headers) as http:
        comment = {"text": known["a text somebody wrote"]}
        opened = http.post("/api/uploads", json={})
        file = send_file(opened.json()["data"], "sample.mp4")
        answers += [
            opened,
            http.get("/api/docs"),
            http.get("/api/openapi.json"),
            http.get("/api/auth/imagekit"),
            http.post("/api/videos", json=file.body),
            http.post("/api/videos", json={"ticket_id": file.ticket_id, "file_id": "other"}),
            http.post(f"/api/videos/{video_id}/like"),
            http.post("/api/webhooks/imagekit", content=b"{}"),
            http.post("/rest/v1/rpc/feed", content=b"{"),
            http.post("/rest/v1/rpc/nowhere", json={"token": "x"}),
            http.get(f"/api/videos/feed?token={quote(known['the service key'])}"),
            http.get("/api/videos/feed", headers={"apikey": "x", "authorization": "Bearer x"}),
            http.get("/rest/v1/rpc/my_profile"),
            http.get("/api/nowhere", headers={"x-request-id": "trace-7"}),
            http.get("/api/health", headers={"x-request-id": f"a{'b' * 70}"}),
        ]
        posted = http.post(f"/api/videos/{video_id}/comment", json=comment)
        assert posted.status_code == 201
        told = http.get("/api/videos/feed", headers={"authorization": f"Bearer {jwt_secret}"})
        answers.append(told)
        with pytest.raises(httpx.TransportError):
            http.get("/api/videos/feed", headers={"host": "x", "bad header": "x"}, timeout=0.0001)
        line = open_line(url)
        line.say(b"GET / HTTP/1.1\r\nauthorization: Bearer " + token.encode() + b"\r\n\0\r\n\r\n")
        raw = line.rest().decode()
        started.send_signal(signal.SIGTERM)
        log, _ = started.communicate(timeout=30)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    logged = {line["request_id"] for line in lines if line["message"] == "request"}
    assert logged >= {answer.headers["x-request-id"] for answer in answers} | {"trace-7"}
    for name, secret in known.items():
        assert secret not in log, name
        assert secret not in raw, name
        for answer in answers:
            assert secret not in answer.text, (name, answer.url)
            assert secret not in str(answer.headers), (name, answer.url)
