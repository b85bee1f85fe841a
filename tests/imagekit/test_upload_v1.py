"""Uploading with V1: token and expiry are signed, nothing else."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.imagekit.phone import MISSING_FILE, ONLY_ONE, VIDEO, Phone, used_before
from tests.imagekit.running import RunningStandIn

EXPIRE = (
    "Your request contains invalid expire parameter. Expire parameter should be a Unix time in"
    " less than 1 hour into the future."
)


def test_a_signed_upload_is_accepted_and_delivered(phone: Phone) -> None:
    fields = phone.fields(fileName="ada.mp4", tags="t_1,u_2", responseFields="tags")
    response = phone.post(1, phone.signed_v1(fields))
    assert response.status_code == 200
    answer = response.json()
    file_id = answer.pop("fileId")
    assert answer == {
        "name": "ada.mp4",
        "size": len(VIDEO),
        "versionInfo": {"id": file_id, "name": "Version 1"},
        "filePath": "/videos/2026-11-22/14/ada.mp4",
        "url": f"{phone.standin.url_endpoint}/videos/2026-11-22/14/ada.mp4",
        "fileType": "non-image",
        "AITags": None,
        "tags": ["t_1", "u_2"],
        "width": 180,
        "height": 320,
        "duration": 2,
        "bitRate": len(VIDEO) * 4,
        "videoCodec": "h264",
        "audioCodec": "aac",
    }
    assert response.headers["x-request-id"]


def test_the_collected_signatures_are_accepted_while_their_time_lasts(
    collected_standin: RunningStandIn, vectors: dict[str, Any]
) -> None:
    phone = Phone(collected_standin)
    accepted = 0
    for case in vectors["upload_v1_signature"]["cases"]:
        if case["private_key"] != collected_standin.private_key or case["expire"] == 0:
            continue
        collected_standin.control("POST", "/reset")
        signed = {name: str(case[name]) for name in ("token", "expire", "signature")}
        fields = phone.fields(publicKey=collected_standin.public_key, **signed)
        collected_standin.set_clock(case["expire"] - 1800 - time.time())
        assert phone.post(1, fields).status_code == 200, case["source"]
        accepted += 1
    assert accepted == 2


@pytest.mark.parametrize("life", [-1, 0, 3601, 10**6])
def test_an_expiry_in_the_past_or_too_far_ahead_is_refused(phone: Phone, life: float) -> None:
    assert phone.refusal(1, phone.signed_v1(phone.fields(), life=life)) == (400, EXPIRE)


@pytest.mark.parametrize("expire", ["soon", "-5", "1e9", "٣"])
def test_an_expiry_that_is_no_time_is_refused(phone: Phone, expire: str) -> None:
    fields = phone.signed_v1(phone.fields(), expire=expire)
    assert phone.refusal(1, fields) == (400, EXPIRE)


def test_a_token_is_good_for_one_upload_even_if_that_fails(phone: Phone) -> None:
    fields = phone.signed_v1(phone.fields())
    assert phone.refusal(1, fields, None) == (400, MISSING_FILE)
    assert phone.refusal(1, fields) == used_before(fields["token"])
    assert phone.refusal(1, {**fields, "fileName": "other.mp4"}) == used_before(fields["token"])


@pytest.mark.parametrize(
    "change", [{"signature": "0" * 40}, {"signature": "é"}, {"token": "another"}]
)
def test_a_wrong_signature_is_refused_and_uses_nothing_up(
    phone: Phone, change: dict[str, str]
) -> None:
    fields = phone.signed_v1(phone.fields())
    refusal = phone.refusal(1, {**fields, **change})
    assert refusal == (400, "Your request contains invalid signature parameter.")
    assert phone.post(1, fields).status_code == 200


@pytest.mark.parametrize("name", ["publicKey", "token", "expire", "signature"])
def test_each_part_of_the_authentication_is_needed(phone: Phone, name: str) -> None:
    fields = phone.signed_v1(phone.fields())
    del fields[name]
    assert phone.refusal(1, fields) == (400, f"Your request is missing {name} parameter.")


def test_another_accounts_public_key_is_refused(phone: Phone) -> None:
    fields = phone.signed_v1(phone.fields(), publicKey="public_other")
    assert phone.refusal(1, fields) == (403, "Your account cannot be authenticated.")


def test_an_upload_without_any_authentication_is_refused(phone: Phone) -> None:
    refusal = (401, "Your request does not contain private API key.")
    assert phone.refusal(1, phone.fields()) == refusal


def test_signature_and_private_key_together_are_refused(phone: Phone) -> None:
    fields, key = phone.signed_v1(phone.fields()), phone.standin.private_key
    message = f"Your request contains both signature and basic auth parameter. {ONLY_ONE}"
    assert phone.refusal(1, fields, auth=(key, "")) == (400, message)


def test_a_wrong_private_key_is_refused(phone: Phone) -> None:
    refusal = phone.refusal(1, phone.fields(), auth=("private_wrong", ""))
    assert refusal == (403, "Your account cannot be authenticated.")


def test_v1_leaves_the_client_free_to_choose_folder_and_name(phone: Phone) -> None:
    signed = phone.signed_v1(phone.fields())
    moved = {**signed, "folder": "/somebody/else", "fileName": "theirs.mp4"}
    assert phone.post(1, moved).json()["filePath"] == "/somebody/else/theirs.mp4"
