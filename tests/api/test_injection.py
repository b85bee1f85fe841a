"""Whatever is sent, Postgres runs the statements it always runs: what comes in is only values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import psycopg
import pytest

from tests.api.conftest import MakeVideo
from tests.api.people import Person

INJECTED = [
    "'; drop table public.videos; --",
    "x' or '1'='1",
    '" or 1=1 --',
    "1; select pg_sleep(10)",
    "$$; select 1; $$",
    "\\'; select 1 --",
    "%27%20or%201=1 %s $1",
    "\u02bc or \uff07 1=1",
    "x'||(select current_setting('request.jwt.claims'))||'",
]
Ask = Callable[[Person, str, str], httpx.Response]
ASKED: dict[str, Ask] = {
    "a comment": lambda p, v, x: p.post(f"/api/videos/{v}/comment", json={"text": x}),
    "a title": lambda p, v, x: p.patch(f"/api/videos/{v}", json={"title": x}),
    "an id": lambda p, _, x: p.http.get(
        "/api/videos/" + httpx.URL("http://x").copy_with(path=f"/{x}").raw_path.decode()[1:]
    ),
    "a cursor": lambda p, _, x: p.get("/api/videos/feed", params={"before": x}),
    "a limit": lambda p, _, x: p.get("/api/videos/feed", params={"limit": x}),
    "a parameter": lambda p, _, x: p.get("/api/videos/feed", params={x: "1"}),
    "a file": lambda p, v, x: p.post("/api/videos", json={"ticket_id": v, "file_id": x}),
    "a type": lambda p, _, x: p.post("/api/uploads", json={"mime": x}),
    "a header": lambda p, _, x: p.get("/api/videos/feed", headers={"apikey": x.encode()}),
    "an argument": lambda p, v, x: p.rpc("report_video", video_id=v, reason=x),
    "an argument's name": lambda p, v, x: p.rpc("get_video", **{"video_id": v, x: x}),
    "an id as an argument": lambda p, _, x: p.rpc("get_video", video_id=x),
    "a name": lambda p, _, x: p.rpc("update_my_profile", username=x),
    "somebody": lambda p, _, x: p.rpc("user_videos", user_id=x),
}


@pytest.fixture
def run_by_clients(admin: psycopg.Connection[Any], database: Any) -> Callable[[], set[str]]:
    """The statements that the API's logins have run, as Postgres tells them apart."""
    known = admin.execute(
        "select from pg_available_extensions where name = 'pg_stat_statements'"
    ).fetchone()
    if known is None:
        pytest.skip("this build of Postgres does not count statements")

    def statements() -> set[str]:
        with psycopg.connect(database.admin_url) as superuser:
            return {
                str(query)
                for (query,) in superuser.execute(
                    "select s.query from extensions.pg_stat_statements as s "
                    "inner join pg_roles as r on s.userid = r.oid "
                    "where s.toplevel and s.dbid = (select oid from pg_database "
                    "where datname = current_database()) "
                    "and r.rolname in ('anon', 'authenticated', 'media_worker', "
                    "'api_anon', 'api_user', 'api_media')"
                )
            }

    return statements


def test_no_input_becomes_a_statement(
    run_by_clients: Callable[[], set[str]], bob: Person, ada: Person, make_video: MakeVideo
) -> None:
    own = make_video(bob)
    for name, ask in ASKED.items():
        answer = ask(bob, own, "harmless")
        assert answer.status_code < 300 or name not in ("a comment", "a title", "an argument")
    before = run_by_clients()
    assert before
    for name, ask in ASKED.items():
        for text in INJECTED:
            answer = ask(bob, own, text)
            # None is refused for coming too often: each has got as far as it can.
            assert answer.status_code < 429, (name, text, answer.text)
    assert run_by_clients() - before == set()
    assert ada.get(f"/api/videos/{own}").status_code == 200
