"""What is said over the socket, message by message, in both forms."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dev.stack.tokens import project_key
from tests.realtime.client import Client, Said, address
from tests.realtime.conftest import Open, Send

both_forms = pytest.mark.parametrize("arrays", [True, False], ids=["arrays", "objects"])


@both_forms
def test_a_message_reaches_who_has_joined(open_line: Open, send: Send, arrays: bool) -> None:
    client = open_line(arrays=arrays)
    client.joined("test:open")
    send("test:open", {"likes": 3}, event="counted")
    said = client.hear()
    assert (said.topic, said.event, said.ref) == ("realtime:test:open", "broadcast", None)
    identity = said.payload["payload"].pop("id")
    assert said.payload == {
        "type": "broadcast",
        "event": "counted",
        "payload": {"likes": 3},
        "meta": {"id": identity},
    }


@both_forms
def test_a_heartbeat_is_answered(open_line: Open, arrays: bool) -> None:
    said = open_line(arrays=arrays).ask("phoenix", "heartbeat")
    assert said.payload == {"status": "ok", "response": {}}


@both_forms
def test_after_leaving_nothing_comes(open_line: Open, send: Send, arrays: bool) -> None:
    client = open_line(arrays=arrays)
    join_ref = client.joined("test:open")
    assert client.ask("realtime:test:open", "phx_leave", join_ref=join_ref).payload == {
        "status": "ok",
        "response": {},
    }
    closed = client.hear()
    assert (closed.event, closed.ref) == ("phx_close", join_ref)
    send("test:open")
    assert client.hears_nothing()


def test_leaving_what_was_never_joined_is_no_error(open_line: Open) -> None:
    said = open_line().ask("realtime:test:open", "phx_leave")
    assert said.payload["status"] == "ok"


def test_joining_again_ends_the_join_before(open_line: Open, send: Send) -> None:
    client = open_line()
    first = client.joined("test:open")
    second = client.say("realtime:test:open", "phx_join", {"config": {"private": True}})
    assert [(said.event, said.join_ref) for said in (client.hear(), client.hear())] == [
        ("phx_close", first),
        ("phx_reply", second),
    ]
    # A goodbye of the first that comes late does not end the second.
    client.ask("realtime:test:open", "phx_leave", join_ref=first)
    send("test:open")
    assert client.hear().event == "broadcast"
    assert client.hears_nothing()


def test_private_and_public_channels_of_one_topic_do_not_hear_each_other(
    open_line: Open, send: Send
) -> None:
    inside, outside = open_line(), open_line()
    inside.joined("test:open", private=True)
    outside.joined("test:open", private=False)
    send("test:open", {"to": "inside"}, private=True)
    send("test:open", {"to": "outside"}, private=False)
    assert inside.hear().payload["payload"]["to"] == "inside"
    assert outside.hear().payload["payload"]["to"] == "outside"
    assert inside.hears_nothing(0.1)
    assert outside.hears_nothing(0.1)


@both_forms
def test_a_payload_too_long_for_a_notice_comes_whole_and_in_its_turn(
    open_line: Open, send: Send, arrays: bool
) -> None:
    for private in (True, False):
        client = open_line(arrays=arrays)
        client.joined("test:open", private=private)
        send("test:open", {"number": 1, "text": "ü" * 20_000}, private=private)
        send("test:open", {"number": 2}, private=private)
        first, second = client.hear(), client.hear()
        assert first.payload["payload"]["text"] == "ü" * 20_000
        assert [said.payload["payload"]["number"] for said in (first, second)] == [1, 2]


def test_a_topic_that_the_policies_close_is_refused(open_line: Open, send: Send) -> None:
    client = open_line()
    reason = client.join("test:nobody").reason
    assert reason == (
        "Unauthorized: You do not have permissions to read from this Channel topic: test:nobody"
    )
    send("test:nobody")
    assert client.hears_nothing()


def test_a_policy_that_fails_lets_nobody_in(open_line: Open) -> None:
    client = open_line()
    client.joined("number:1")
    assert client.join("number:0").reason.startswith("Unauthorized: ")
    assert client.join("number:x").reason.startswith("Unauthorized: ")


def test_a_join_leaves_no_row_and_tells_nobody(open_line: Open, admin: Any) -> None:
    client = open_line()
    client.joined("test:open")
    count = "select count(*) from realtime.messages where event is null"
    assert open_line().join("test:open").payload["status"] == "ok"
    assert admin.execute(count).fetchone() == (0,)
    assert client.hears_nothing(0.1)


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("other:x", {}, "unmatched topic"),
        ("realtime:", {}, "TopicNameRequired: "),
        ("realtime:" + "x" * 256, {}, "InvalidTopicName: "),
        ("realtime:a\0b", {}, "InvalidTopicName: "),
        (
            "realtime:t",
            {"config": {"postgres_changes": [{"event": "*", "schema": "public"}]}},
            "PostgresChangesNotServed: ",
        ),
        (
            "realtime:t",
            {"config": {"private": True, "broadcast": {"replay": {"since": 1}}}},
            "UnableToReplayMessages: ",
        ),
        ("realtime:t", {"access_token": "x"}, "MalformedJWT: "),
        ("realtime:t", {"access_token": 1}, "MalformedJWT: "),
    ],
)
def test_a_join_that_cannot_be_is_refused_in_words(
    open_line: Open, topic: str, payload: dict[str, Any], reason: str
) -> None:
    assert open_line().ask(topic, "phx_join", payload).reason.startswith(reason)


def test_clients_do_not_broadcast(open_line: Open) -> None:
    listening, sending = open_line(), open_line()
    for client in (listening, sending):
        client.joined("test:open", private=False)
    said = sending.ask("realtime:test:open", "broadcast", {"event": "e", "payload": {}})
    assert said.reason.startswith("Unauthorized: You do not have permissions to write")
    # As supabase-js sends it.
    texts = [b"1", b"9", b"realtime:test:open", b"e", b""]
    lengths = bytes(len(text) for text in texts)
    sending.line.send(b"\x03" + lengths + b"\x01" + b"".join(texts) + b'{"a": 1}')
    said = sending.hear()
    assert (said.ref, said.join_ref) == ("9", "1")
    assert said.reason.startswith("Unauthorized: ")
    assert listening.hears_nothing()


def test_what_is_not_served_is_said(open_line: Open) -> None:
    client = open_line()
    assert client.ask("realtime:t", "presence", {}).reason.startswith("PresenceNotServed: ")
    assert client.ask("realtime:t", "bogus", {}).reason == "UnknownEvent: bogus"


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "x",
        "{}",
        "[]",
        '["1", "1", "t", "e"]',
        '["1", "1", 5, "e", {}]',
        '["1", "1", "t", "e", []]',
        "[" * 5000,
        '[null, null, "\\ud800", "phx_join", {}]',
        b"",
        b"\x03",
        b"\x01\x00\x00\x00\x00\x00\x00",
        b"\x03\xff\xff\xff\xff\xff\x01abc",
        b"\x03\x01\x00\x00\x00\x00\x01\xff",
    ],
)
def test_what_is_no_message_is_answered_and_harms_nobody(
    open_line: Open, send: Send, malformed: str | bytes
) -> None:
    neighbour, client = open_line(), open_line()
    neighbour.joined("test:open")
    client.joined("test:open")
    client.line.send(malformed)
    said = client.hear()
    assert said.reason.startswith("MalformedMessage: ")
    send("test:open")
    assert client.hear().event == "broadcast"
    assert neighbour.hear().event == "broadcast"


def test_objects_that_are_no_message(open_line: Open) -> None:
    client = open_line(arrays=False)
    for malformed in ("{}", '["1", "1", "phoenix", "heartbeat", {}]', '{"topic": 1, "event": "e"}'):
        client.line.send(malformed)
        assert client.hear().reason.startswith("MalformedMessage: ")


def test_text_that_is_no_utf8_ends_that_line_alone(open_line: Open) -> None:
    neighbour, client = open_line(), open_line()
    client.line.send(b"\xff\xfe", text=True)
    assert client.closed_with() == 1007
    assert neighbour.ask("phoenix", "heartbeat").payload["status"] == "ok"


def test_a_message_that_is_too_long_ends_that_line_alone(open_line: Open) -> None:
    neighbour, client = open_line(), open_line()
    client.say("realtime:t", "phx_join", {"x": "x" * 64 * 1024})
    assert client.closed_with() == 1009
    assert neighbour.ask("phoenix", "heartbeat").payload["status"] == "ok"


def test_a_socket_has_a_hundred_channels_and_so_many_joins(open_line: Open) -> None:
    client = open_line()
    for number in range(99):
        client.joined(f"public:{number}", private=False)
    client.joined("public:99", private=False)
    assert client.join("public:100", private=False).reason == (
        "ChannelRateLimitReached: Too many channels"
    )
    client.ask("realtime:public:0", "phx_leave")
    client.hear()
    refusals = [said.reason for said in leave_and_join(client, 30) if "reason" in said.response]
    assert refusals
    assert set(refusals) == {"ClientJoinRateLimitReached: Too many joins per second"}


def leave_and_join(client: Client, times: int) -> Iterator[Said]:
    for _ in range(times):
        said = client.join("public:0", private=False)
        yield said
        client.ask("realtime:public:0", "phx_leave")
        if said.payload["status"] == "ok":
            client.hear()


def test_who_talks_too_much_is_sent_away(open_line: Open) -> None:
    client = open_line()
    for number in range(600):
        client.say("phoenix", "heartbeat", {"n": number})
    assert client.closed_with() == 1008


def test_a_line_needs_a_key(api: Any, anon_key: str) -> None:
    def status(**query: str) -> int:
        with pytest.raises(InvalidStatus) as refused:
            connect(address(api.url, **query))
        error = json.loads(refused.value.response.body)["error"]
        assert set(error) == {"code", "message", "details", "hint"}
        return refused.value.response.status_code

    assert status() == 401
    assert status(apikey="nonsense") == 403
    assert status(apikey=project_key("anon", "another secret " * 3)) == 403
    assert status(apikey=api.token("ada", lifetime=-10)) == 403
    assert status(apikey=project_key("service_role", api.jwt_secret)) == 403
    assert status(apikey=anon_key, vsn="3.0.0") == 400


def test_a_person_s_own_token_is_a_key_too(api: Any, open_line: Open, may_listen: Any) -> None:
    may_listen("rita", "key")
    open_line(apikey=api.token("rita")).joined("test:key")


def test_plain_http_is_told_what_this_is(http: httpx.Client, anon_key: str) -> None:
    answer = http.get("/realtime/v1/websocket", params={"apikey": anon_key})
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert http.get("/realtime/v1/websocketx").status_code == 404


def test_a_head_that_is_too_large_opens_no_line(api: Any, anon_key: str) -> None:
    headers = {f"x-{number}": "x" for number in range(100)}
    with pytest.raises(InvalidStatus) as refused:
        connect(address(api.url, apikey=anon_key), additional_headers=headers)
    assert refused.value.response.status_code == 431


def test_no_other_path_is_a_socket(api: Any) -> None:
    with pytest.raises(InvalidStatus) as refused:
        connect(api.url.replace("http", "ws") + "/api/health")
    assert refused.value.response.status_code in {403, 404}


def test_a_line_outlives_the_patience_for_requests(
    open_line: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.server.MESSAGE_WITHIN_S", 0.2)
    monkeypatch.setattr("api.server.HEAD_WITHIN_S", 0.2)
    client = open_line()
    time.sleep(0.4)
    assert client.ask("phoenix", "heartbeat").payload["status"] == "ok"


def test_who_sends_no_heartbeat_has_gone(open_line: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.realtime.limits.IDLE_S", 0.2)
    assert open_line().closed_with() == 1001
