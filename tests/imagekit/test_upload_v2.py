"""Uploading with V2: a token over the whole form."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest

from tests.imagekit.phone import ONLY_ONE, Phone, used_before
from tests.imagekit.running import RunningStandIn

NOT_WHAT_WAS_SIGNED = (
    "Your request contains invalid payload."
    " It does not match with the payload used to generate token."
)
PAYLOAD = (400, NOT_WHAT_WAS_SIGNED)
INVALID = (400, "Your request has invalid token.")
EXPIRED = (400, "Your request contains expired token.")


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def test_a_signed_form_is_accepted_as_it_is(phone: Phone) -> None:
    fields = phone.fields(folder="/videos/2026-11-22/14", fileName="ada.mp4")
    assert phone.upload(fields)["filePath"] == "/videos/2026-11-22/14/ada.mp4"


@pytest.mark.parametrize(
    "change",
    [
        {"folder": "/videos/2026-11-22/15"},
        {"fileName": "other.mp4"},
        {"overwriteFile": "true"},
        {"isPrivateFile": "true"},
        {"iat": "0"},
    ],
)
def test_a_field_that_is_altered_or_added_is_refused(phone: Phone, change: dict[str, str]) -> None:
    signed = phone.signed_v2(phone.fields())
    assert phone.refusal(2, {**signed, **change}) == PAYLOAD
    # It was shown once, so nobody else can use it either.
    assert phone.refusal(2, signed) == used_before(signed["token"])


def test_a_field_that_is_left_out_is_refused(phone: Phone) -> None:
    signed = phone.signed_v2(phone.fields(checks='"file.size" < 10'))
    del signed["checks"]
    assert phone.refusal(2, signed) == PAYLOAD


def test_a_token_is_good_for_one_upload(phone: Phone) -> None:
    signed = phone.signed_v2(phone.fields())
    assert phone.post(2, signed).status_code == 200
    assert phone.refusal(2, signed) == used_before(signed["token"])


def test_an_expired_token_is_refused(phone: Phone) -> None:
    signed = phone.signed_v2(phone.fields(), issued_at=time.time() - 1800)
    assert phone.refusal(2, signed) == EXPIRED


def test_a_token_must_not_live_longer_than_an_hour(phone: Phone) -> None:
    assert phone.refusal(2, phone.signed_v2(phone.fields(), life=3601)) == INVALID
    assert phone.post(2, phone.signed_v2(phone.fields(), life=3600)).status_code == 200


def test_a_token_from_the_future_is_refused(phone: Phone) -> None:
    signed = phone.signed_v2(phone.fields(), issued_at=time.time() + 60)
    assert phone.refusal(2, signed) == INVALID


@pytest.mark.parametrize(
    "signing",
    [
        {"private_key": "private_test_key_of_some_other_account"},
        {"public_key": "public_other"},
        {"algorithm": "HS512"},
    ],
)
def test_a_token_of_another_key_or_algorithm_is_refused(
    phone: Phone, signing: dict[str, str]
) -> None:
    fields = phone.fields()
    signed = phone.signed_v2(fields, **signing)  # type: ignore[arg-type]
    assert phone.refusal(2, signed) == INVALID


@pytest.mark.parametrize("token", ["nonsense", "a.b.c", "e30.e30.e30", "..", "W10.W10.AA", "é.é.é"])
def test_a_token_that_is_none_is_refused(phone: Phone, token: str) -> None:
    assert phone.refusal(2, phone.fields(token=token)) == INVALID


def test_an_unsigned_token_is_refused(phone: Phone) -> None:
    header, payload, _ = phone.signed_v2(phone.fields())["token"].split(".")
    assert phone.refusal(2, phone.fields(token=f"{header}.{payload}.")) == INVALID


def test_a_good_signature_under_another_algorithms_name_is_refused(phone: Phone) -> None:
    fields = phone.fields()
    payload = phone.signed_v2(fields)["token"].split(".")[1]
    header = {"alg": "none", "typ": "JWT", "kid": phone.standin.public_key}
    signed = f"{base64url(json.dumps(header).encode())}.{payload}"
    key = phone.standin.private_key.encode()
    signature = base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest())
    assert phone.refusal(2, {**fields, "token": f"{signed}.{signature}"}) == INVALID


def test_an_upload_without_a_token_is_refused(phone: Phone) -> None:
    refusal = (400, "Your request is missing token parameter.")
    assert phone.refusal(2, phone.fields()) == refusal


def test_token_and_private_key_together_are_refused(phone: Phone) -> None:
    fields, key = phone.signed_v2(phone.fields()), phone.standin.private_key
    message = f"Your request contains both token and basic auth parameter. {ONLY_ONE}"
    assert phone.refusal(2, fields, auth=(key, "")) == (400, message)


def test_the_collected_mutations_of_a_form_are_refused(
    collected_standin: RunningStandIn, vectors: dict[str, Any]
) -> None:
    collected = vectors["upload_v2_jwt"]
    case = collected["cases"][0]
    assert case["private_key"] == collected_standin.private_key
    phone = Phone(collected_standin)
    signed = {**case["form_fields"], "token": case["token"]}
    refused = 0
    for mutation in collected["mutations_of_case_0"]:
        if "wrong_key" in mutation or "exp_minus_iat" in mutation:
            # These need tokens made for them, which tests above make.
            continue
        collected_standin.control("POST", "/reset")
        collected_standin.set_clock(case["payload"]["iat"] + 60 - time.time())
        form = {**signed, **mutation.get("change", {}), **mutation.get("add", {})}
        for name in [*mutation.get("remove", []), *(["token"] if "drop_token" in mutation else [])]:
            del form[name]
        if mutation.get("at") == "exp":
            collected_standin.set_clock(case["payload"]["exp"] - time.time())
        if "second_use" in mutation:
            assert phone.post(2, form).status_code == 200
            expected = used_before(case["token"])
        elif mutation["message"] == "same":
            expected = PAYLOAD
        else:
            expected = (mutation["status"], mutation["message"])
        assert phone.refusal(2, form) == expected, mutation
        refused += 1
    assert refused == 6
