"""Who hears what: joins, tokens that change and end, permissions that are taken away."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.realtime.client import Client
from tests.realtime.conftest import Open, Send

GONE = "You no longer have permission to read from this Channel topic: "


def take_away(admin: Any, user: str) -> None:
    admin.execute("delete from public.test_listeners where user_id = %s", (user,))


def hears_the_end(client: Client, message: str, event: str = "phx_close") -> None:
    told, closed = client.hear(), client.hear()
    assert (told.event, told.payload["status"], told.payload["extension"]) == (
        "system",
        "error",
        "system",
    )
    assert told.payload["message"].startswith(message), told
    assert closed.event == event


def test_each_hears_what_is_for_him(api: Any, open_line: Open, send: Send, may_listen: Any) -> None:
    may_listen("ada", "of-ada")
    ada, bob, stranger = open_line(), open_line(), open_line()
    ada.joined("test:of-ada", access_token=api.token("ada"))
    for other, how in ((bob, {"access_token": api.token("bob")}), (stranger, {})):
        assert other.join("test:of-ada", **how).reason.startswith("Unauthorized: ")
    send("test:of-ada")
    assert ada.hear().event == "broadcast"
    assert bob.hears_nothing(0.1)
    assert stranger.hears_nothing(0.1)


def test_a_publishable_key_is_no_token(open_line: Open) -> None:
    open_line().joined("test:open", access_token="sb_publishable_x")


def test_a_service_key_opens_nothing(api: Any, open_line: Open) -> None:
    key = api.token("ada", role="service_role")
    assert open_line().join("test:open", access_token=key).reason.startswith("Unauthorized: ")


def test_an_expired_token_joins_nothing(api: Any, open_line: Open) -> None:
    token = api.token("ada", lifetime=-1)
    assert open_line().join("test:open", access_token=token).reason == (
        "InvalidJWTToken: Token has expired"
    )


def test_a_token_that_ends_closes_its_private_channels_and_no_others(
    api: Any, open_line: Open, send: Send
) -> None:
    client = open_line()
    token = api.token("ada", exp=time.time() + 0.5)
    client.joined("test:open", access_token=token)
    client.joined("public", private=False, access_token=token)
    hears_the_end(client, "Token has expired")
    send("test:open")
    send("public", private=False)
    assert client.hear().topic == "realtime:public"
    assert client.hears_nothing(0.1)


def test_a_token_that_has_ended_hears_nothing_more_at_once(
    api: Any, open_line: Open, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.hub.Hub._look_around", lambda _: None)
    client = open_line()
    client.joined("test:open", access_token=api.token("ada", exp=time.time() + 0.3))
    time.sleep(0.4)
    send("test:open")
    hears_the_end(client, "Token has expired")


def test_a_new_token_keeps_a_channel_open(api: Any, open_line: Open, send: Send) -> None:
    client = open_line()
    ending = api.token("ada", exp=time.time() + 0.5)
    join_ref = client.joined("test:open", access_token=ending)
    fresh = {"access_token": api.token("ada")}
    client.say("realtime:test:open", "access_token", fresh, join_ref=join_ref)
    time.sleep(1.6)
    send("test:open")
    assert client.hear().event == "broadcast"
    assert client.hears_nothing(0.1)


def test_a_new_token_is_another_person(
    api: Any, open_line: Open, send: Send, may_listen: Any
) -> None:
    may_listen("carol", "of-carol")
    may_listen("dora", "of-carol")
    client = open_line()
    join_ref = client.joined("test:of-carol", access_token=api.token("carol"))
    for token in (api.token("dora"), api.token("dora"), "sb_publishable_x"):
        client.say("realtime:test:of-carol", "access_token", {"access_token": token})
    send("test:of-carol")
    assert client.hear().event == "broadcast"
    assert client.hears_nothing(0.1)
    other = {"access_token": api.token("eve")}
    client.say("realtime:test:of-carol", "access_token", other, join_ref=join_ref)
    hears_the_end(client, "Unauthorized: ")
    send("test:of-carol")
    assert client.hears_nothing()


@pytest.mark.parametrize(("token", "reason"), [("x.y.z", "MalformedJWT"), (None, "InvalidJWT")])
def test_a_new_token_that_proves_nothing_ends_the_channel(
    api: Any, open_line: Open, token: str | None, reason: str
) -> None:
    client = open_line()
    client.joined("test:open", access_token=api.token("ada"))
    content = {"access_token": token or api.token("ada", lifetime=-1)}
    client.say("realtime:test:open", "access_token", content)
    hears_the_end(client, reason)


def test_who_may_not_listen_any_more_hears_nothing_after_a_second(
    api: Any, open_line: Open, send: Send, may_listen: Any, admin: Any
) -> None:
    may_listen("fred", "of-fred")
    may_listen("gina", "of-fred")
    fred, gina = open_line(), open_line()
    fred.joined("test:of-fred", access_token=api.token("fred"))
    gina.joined("test:of-fred", access_token=api.token("gina"))
    take_away(admin, "fred")
    time.sleep(1.1)
    send("test:of-fred", {"number": 1})
    hears_the_end(fred, GONE)
    assert gina.hear().payload["payload"]["number"] == 1
    send("test:of-fred", {"number": 2})
    assert fred.hears_nothing()
    assert gina.hear().payload["payload"]["number"] == 2


def test_a_long_payload_is_read_as_somebody_who_may(
    api: Any, open_line: Open, send: Send, may_listen: Any, admin: Any
) -> None:
    may_listen("hank", "of-hank")
    may_listen("ines", "of-hank")
    hank, ines = open_line(), open_line()
    hank.joined("test:of-hank", access_token=api.token("hank"))
    ines.joined("test:of-hank", access_token=api.token("ines"))
    take_away(admin, "hank")
    # Within the second in which the last answer still holds.
    send("test:of-hank", {"text": "x" * 9000})
    hears_the_end(hank, GONE)
    assert len(ines.hear().payload["payload"]["text"]) == 9000


@pytest.fixture
def large_rooms(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Two people are many."""
    monkeypatch.setattr("api.realtime.hub.FEW", 1)
    monkeypatch.setattr("api.realtime.hub.FRESH_S", 0.0)
    return monkeypatch


def test_in_a_large_room_people_are_asked_about_in_the_background(  # noqa: PLR0917
    api: Any,
    open_line: Open,
    send: Send,
    may_listen: Any,
    admin: Any,
    large_rooms: pytest.MonkeyPatch,
) -> None:
    may_listen("jack", "large")
    may_listen("kate", "large")
    jack, kate = open_line(), open_line()
    jack.joined("test:large", access_token=api.token("jack"))
    kate.joined("test:large", access_token=api.token("kate"))
    take_away(admin, "jack")
    send("test:large")
    assert jack.hear().event == kate.hear().event == "broadcast"
    large_rooms.setattr("api.realtime.hub.CONFIRMED_EVERY_S", 0.0)
    hears_the_end(jack, GONE)
    send("test:large")
    assert kate.hear().event == "broadcast"


def test_messages_keep_their_order_while_the_database_is_asked(
    api: Any, open_line: Open, send: Send, may_listen: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.realtime.hub.FRESH_S", 0.0)
    may_listen("lena", "of-lena")
    client = open_line()
    client.joined("test:of-lena", access_token=api.token("lena"))
    for number in range(20):
        send("test:of-lena", {"number": number, "text": "x" * (9000 if number % 3 == 0 else 1)})
    assert [client.hear().payload["payload"]["number"] for _ in range(20)] == list(range(20))
