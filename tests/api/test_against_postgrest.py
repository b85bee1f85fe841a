"""The same calls of functions, answered by us and by PostgREST itself: status, body and headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from dev.stack.tokens import user_token
from tests.api.laboratory import Laboratory
from tests.api.serving import environment, served
from tests.support.postgrest import RunningPostgrest, running_postgrest

pytestmark = pytest.mark.slow

FRUITS = """
create function public.fruits() returns table (id integer, name text, price numeric)
language sql stable as $$ values (1, 'fig', 2.50), (2, 'kiwi', null), (3, 'lime', 0.10) $$;
create function public.fruit(id integer) returns setof public.user_profiles
language sql stable as $$ select p.* from public.user_profiles as p where false $$;
"""
COMPARED_HEADERS = (
    "content-type",
    "content-range",
    "content-profile",
    "preference-applied",
    "location",
    "retry-after",
)
OBJECT = {"accept": "application/vnd.pgrst.object+json"}
EXACT = {"prefer": "count=exact"}


@dataclass(frozen=True)
class Call:
    """A request below `/rpc`."""

    method: str
    target: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    signed_in: bool = False

    def __str__(self) -> str:
        """Tell calls apart in a report."""
        said = " ".join(f"{name}={value}" for name, value in self.headers.items())
        who = "signed in" if self.signed_in else ""
        body = "" if self.body is None else repr(self.body)
        return " ".join(part for part in (self.method, self.target, body, said, who) if part)

    def __call__(self, http: httpx.Client, secret: str) -> httpx.Response:
        """Send it."""
        headers = dict(self.headers)
        if self.signed_in:
            headers["authorization"] = f"Bearer {user_token('ada', secret)}"
        content = self.body if isinstance(self.body, bytes) else None
        json = None if content is not None else self.body
        if content is not None:
            headers.setdefault("content-type", "application/json")
        return http.request(
            self.method, f"/{self.target}", headers=headers, content=content, json=json
        )


def get(target: str, **headers: str) -> Call:
    return Call("GET", target, None, headers)


def post(target: str, body: Any = None, **headers: str) -> Call:
    return Call("POST", target, {} if body is None else body, headers)


CALLS = [
    # Shapes of answers, by all three methods.
    *(
        Call(method, name, {} if method == "POST" else None, headers)
        for name in (
            "answers_a_text",
            "answers_a_number",
            "answers_null",
            "answers_json",
            "answers_numbers",
            "answers_nothing",
            "answers_rows",
            "answers_outs",
            "answers_one_out",
            "answers_a_row",
            "fruits",
        )
        for method in ("GET", "HEAD", "POST")
        for headers in ({}, EXACT)
    ),
    post("answers_void"),
    post("answers_void", **OBJECT),
    # One object.
    *(
        Call(method, target, {} if method == "POST" else None, OBJECT)
        for target in (
            "answers_a_text",
            "answers_outs",
            "answers_rows",
            "answers_nothing",
            "fruits?id=eq.2",
            "fruits?limit=1",
            "fruits?id=eq.9",
        )
        for method in ("GET", "POST")
    ),
    # Choosing, ordering and cutting what a function gives.
    get("fruits?select=name"),
    get("fruits?select=name,price&order=price.desc.nullslast"),
    get("fruits?select=called:name,price::text"),
    get("fruits?order=name.desc&limit=2"),
    get("fruits?order=id&limit=1&offset=1"),
    get("fruits?price=is.null"),
    get("fruits?id=in.(1,3)&order=id"),
    get("fruits?name=like.*i*&id=gt.1"),
    get("fruits?id=not.eq.2&order=id"),
    get("fruits?limit=0"),
    get("fruits?limit=-1"),
    get("fruits?offset=9"),
    get("fruits?limit=2", **EXACT),
    get("fruits?offset=9", **EXACT),
    get("fruits?id=gt.1", **EXACT),
    get("fruits", range="0-1"),
    get("fruits", range="1-1", **EXACT),
    post("fruits?select=name&id=eq.1"),
    post("fruits?order=id.desc&limit=2", **EXACT),
    get("fruits?select=nothing"),
    get("fruits?order=nothing"),
    get("fruits?nothing=eq.1"),
    get("fruits?select=("),
    # Arguments and their conversion.
    post("echo", {"small": 7, "big": 9007199254740993, "exact": 1.10, "truth": True}),
    post("echo", {"words": "ünï ☂ \\ ' \" $1", "numbers": [1, 2, None]}),
    post("echo", {"document": {"deep": [{"er": None}]}, "id": "019A8F2E5B007C3E9D520A1B2C3D4E5F"}),
    post("echo", {"letters": "abc", "moment": "2026-11-24T08:15:30+02:00"}),
    post("echo", b'{"small": 1, "small": 2}'),
    post("echo", {"small": 70000}),
    post("echo", {"small": "x"}),
    post("echo", {"small": "7"}),
    get("echo?small=7&truth=t&numbers={1,2}&words=a%20b+c"),
    get("echo?small=1&small=2"),
    get("echo?small=x"),
    get("echo?nothing=1"),
    post("echo", {"nothing": 1}),
    post("echo", b"{"),
    post("echo", b""),
    post("echo", b"null"),
    post("echo", b'"x"'),
    Call("POST", "echo", b'{"small": 1}', {"content-type": "text/plain"}),
    # Choosing among overloads.
    post("overloaded", {"a": 1, "b": 2}),
    post("overloaded", {"a": "x", "c": "y"}),
    post("overloaded", {"a": 1}),
    get("overloaded?a=1"),
    post("nowhere"),
    post("nowhere", {"b": 1, "a": 2}),
    get("nowhere?b=1&a=2"),
    post("not_for_anybody"),
    get("adds_up?numbers=1&numbers=2"),
    post("adds_up", {"numbers": [1, 2]}),
    post("nameless", {"x": 1}),
    post("Odd%20%22name%22", {"an Arg": 1}),
    # Methods, schemas and media types.
    *(Call(method, "feed") for method in ("PUT", "PATCH", "DELETE")),
    post("fruits", **{"content-profile": "public"}),
    post("fruits", **{"content-profile": "private"}),
    get("fruits", **{"accept-profile": "public"}),
    get("fruits", **{"accept-profile": "private"}),
    get("fruits", accept="application/json"),
    get("fruits", accept="text/html"),
    get("fruits", accept="text/csv"),
    get("writes"),
    get("answers_void"),
    post("writes_though_stable"),
    # What a function raises.
    *(
        post("fail", {"state": state, "said": "a word"})
        for state in (
            "PT404",
            "PT429",
            "PT4xx",
            "P0001",
            "P0002",
            "22P02",
            "23505",
            "23503",
            "23514",
            "25006",
            "28000",
            "42501",
            "42883",
            "42P01",
            "42P17",
            "53400",
            "54000",
            "57014",
            "XX000",
            "0A000",
            "AB123",
        )
    ),
    Call("POST", "fail", {"state": "42501", "said": "x"}, signed_in=True),
    post(
        "answer_whole",
        {
            "said": '{"code": "PT429", "message": "slow down", "details": "d", "hint": "h"}',
            "around": '{"status": 429, "headers": {"Retry-After": "7"}}',
        },
    ),
    post("answer_whole", {"said": "no JSON"}),
    # The product's own, as somebody and as nobody.
    *(
        Call("POST", name, body, signed_in=signed_in)
        for name, body in (
            ("feed", {}),
            ("feed", {"page_size": 1000}),
            ("my_profile", {}),
            ("my_likes", {}),
            ("get_video", {"video_id": "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f"}),
            ("like_video", {"video_id": "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f"}),
            ("like_video", {"video_id": "x"}),
        )
        for signed_in in (False, True)
    ),
]


REFUSED_INSTEAD = {"status", "body", "content-range", "code", "message", "details"}
# Where we answer otherwise on purpose: what differs, and for which calls. The database's own texts
# are looked at apart: its state and our status are the same, its words never go out.
ON_PURPOSE: list[tuple[str, set[str], list[Call]]] = [
    (
        "PostgREST from 14 on, which Supabase runs, says it in these words",
        {"message", "content-type"},
        [
            Call(method, target, {} if method == "POST" else None, OBJECT)
            for target in ("answers_rows", "answers_nothing", "fruits?id=eq.9")
            for method in ("GET", "POST")
        ],
    ),
    (
        "... and in these",
        {"message", "hint"},
        [
            post("fruits", **{"content-profile": "private"}),
            get("fruits", **{"accept-profile": "private"}),
        ],
    ),
    (
        "... and so badly raised errors",
        {"message", "details", "hint"},
        [post("answer_whole", {"said": "no JSON"})],
    ),
    (
        "... and from 14 on this is our fault, not the caller's",
        {"status"},
        [
            post("fail", {"state": "42P17", "said": "a word"}),
            post("fail", {"state": "54000", "said": "a word"}),
        ],
    ),
    (
        "... and waiting does not help against it",
        {"status", "retry-after"},
        [post("fail", {"state": "53400", "said": "a word"})],
    ),
    (
        "What is most likely a mistake is told instead of guessed at",
        REFUSED_INSTEAD,
        [
            post("echo", b'{"small": 1, "small": 2}'),
            post("echo", b"null"),
            post("echo", b'"x"'),
        ],
    ),
    ("What is wrong with the body is told", {"details"}, [post("echo", b"{")]),
    (
        "Looking for a name that is like this one is not worth what it costs",
        {"hint"},
        [
            post("nowhere"),
            post("nowhere", {"b": 1, "a": 2}),
            get("nowhere?b=1&a=2"),
            post("nameless", {"x": 1}),
        ],
    ),
    (
        "A column one asks by need not be one that one asks for",
        REFUSED_INSTEAD - {"details"},
        [post("fruits?select=name&id=eq.1")],
    ),
    (
        "Nothing was counted in an answer that is none",
        {"preference-applied"},
        [get("fruits?offset=9", **EXACT)],
    ),
    (
        "When to come back is always told",
        {"retry-after"},
        [post("fail", {"state": "PT429", "said": "a word"})],
    ),
]
DIFFERING = {str(call): fields for _, fields, calls in ON_PURPOSE for call in calls}


@pytest.fixture(scope="module")
def postgrest(
    laboratory: Laboratory, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningPostgrest]:
    laboratory.owner.execute(FRUITS)
    log = tmp_path_factory.mktemp("postgrest") / "log"
    with running_postgrest(laboratory.database, log) as postgrest:
        yield postgrest


@pytest.fixture(scope="module")
def theirs(postgrest: RunningPostgrest) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{postgrest.url}/rpc", timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def ours(
    laboratory: Laboratory, imagekit: Any, postgrest: RunningPostgrest
) -> Iterator[httpx.Client]:
    """An API that hands on what it does not speak itself."""
    given = environment(laboratory.database, imagekit, laboratory.jwt_secret)
    with (
        served(given | postgrest.environment()) as url,
        httpx.Client(base_url=f"{url}/rest/v1/rpc", timeout=30) as client,
    ):
        yield client


def told(answer: httpx.Response) -> dict[str, Any]:
    """What an app has of an answer."""
    headers = {name: answer.headers.get(name) for name in COMPARED_HEADERS}
    if answer.content and not answer.is_success:
        return {"status": answer.status_code, **answer.json(), **headers}
    return {"status": answer.status_code, "body": answer.text, **headers}


def is_the_databases_own(said: dict[str, Any]) -> bool:
    code = said.get("code", "")
    return len(code) == 5 and not code.startswith("PT") and code != "P0001"


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_we_answer_as_it_does(
    call: Call,
    ours: httpx.Client,
    theirs: httpx.Client,
    laboratory: Laboratory,
    postgrest: RunningPostgrest,
) -> None:
    mine = told(call(ours, laboratory.jwt_secret))
    its = told(call(theirs, postgrest.jwt_secret))
    if is_the_databases_own(its) and "message" in mine:
        assert its["message"] not in mine["message"]
        for name in ("message", "details", "hint"):
            del mine[name], its[name]
    differing = {name for name in mine.keys() | its.keys() if mine.get(name) != its.get(name)}
    # Neither more than is listed above nor less.
    assert differing == DIFFERING.get(str(call), set()), [
        (name, mine.get(name), its.get(name)) for name in differing
    ]


def test_each_difference_is_one_of_a_call() -> None:
    assert DIFFERING.keys() <= {str(call) for call in CALLS}
