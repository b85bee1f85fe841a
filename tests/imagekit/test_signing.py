"""The two upload signatures, against the collected vectors and an independent library."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from api.imagekit.signing import sign_v1, sign_v2
from tests.imagekit.running import PRIVATE_KEY


def test_v1_signatures_are_those_of_every_official_sdk(vectors: dict[str, Any]) -> None:
    cases = vectors["upload_v1_signature"]["cases"]
    assert len(cases) == 5
    for case in cases:
        signature = sign_v1(case["private_key"], case["token"], case["expire"])
        assert signature == case["signature"], case["source"]


def test_v2_tokens_are_those_of_the_documentation(vectors: dict[str, Any]) -> None:
    cases = vectors["upload_v2_jwt"]["cases"]
    assert len(cases) == 2
    for case in cases:
        token = sign_v2(
            case["private_key"],
            case["header"]["kid"],
            case["form_fields"],
            issued_at=case["payload"]["iat"],
            expires_at=case["payload"]["exp"],
        )
        assert token == case["token"], case["source"]


def test_a_v2_token_says_the_same_to_another_library() -> None:
    fields = {"fileName": "é.mp4", "folder": "/videos", "checks": '"file.size" = 7'}
    token = sign_v2(PRIVATE_KEY, "public_test", fields, issued_at=100, expires_at=1900)
    payload = jwt.decode(
        token,
        PRIVATE_KEY,
        algorithms=["HS256"],
        options={"verify_exp": False},
    )
    assert payload == {**fields, "iat": 100, "exp": 1900}
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT", "kid": "public_test"}


@pytest.mark.parametrize("name", ["file", "token", "iat", "exp"])
def test_a_field_the_token_cannot_bind_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"cannot be signed: {name}"):
        sign_v2(PRIVATE_KEY, "public_test", {name: "x"}, issued_at=0, expires_at=60)


@pytest.mark.parametrize("life", [3601, 0, -1])
def test_a_token_with_an_impossible_life_is_refused(life: int) -> None:
    with pytest.raises(ValueError, match="lives 1 to 3600 seconds"):
        sign_v2(PRIVATE_KEY, "public_test", {}, issued_at=0, expires_at=life)
