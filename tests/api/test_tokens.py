"""Who is let in, and as whom. A bad token is never silently anonymous."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from api import jws
from dev.stack.tokens import project_key, user_token
from tests.api.conftest import MakeVideo
from tests.api.people import Person
from tests.api.serving import served
from tests.support.auth_server import (
    AuthServer,
    SigningKey,
    claims,
    eddsa,
    es256,
    part,
    rs256,
    running_auth_server,
)

DOORS = ("/api/videos/feed", "/api/auth/imagekit", "/rest/v1/rpc/feed")


@dataclass(frozen=True)
class Project:
    """A project that signs with keys and with its secret, and what everybody may know of it."""

    url: str
    http: httpx.Client
    auth: AuthServer
    secret: str
    ec: SigningKey
    rsa: SigningKey
    ed: SigningKey

    def get(self, door: str, *headers: tuple[str, str]) -> httpx.Response:
        return self.http.get(door, headers=list(headers))

    def told(self, token: str, door: str = DOORS[0]) -> httpx.Response:
        return self.get(door, ("authorization", f"Bearer {token}"))


@pytest.fixture(scope="module")
def project(api_environment: dict[str, str], api: Any) -> Iterator[Project]:
    ec, rsa, ed = es256(), rs256(), eddsa()
    with running_auth_server() as auth:
        auth.publish(ec, rsa, ed)
        given = api_environment | {"SUPABASE_JWKS_URL": auth.jwks_url}
        with served(given) as url, httpx.Client(base_url=url, timeout=30) as http:
            yield Project(url, http, auth, api.jwt_secret, ec, rsa, ed)


def encoded(value: bytes | dict[str, Any]) -> str:
    return part(value if isinstance(value, bytes) else json.dumps(value).encode())


def hs256(secret: bytes, header: dict[str, Any] | bytes, payload: bytes | None = None) -> str:
    """Sign with any bytes as a secret, which libraries refuse for good reasons."""
    body = payload if payload is not None else json.dumps(claims()).encode()
    signed = f"{encoded(header)}.{part(body)}"
    digest = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(digest)}"


def signed(secret: str, algorithm: str = "HS256", **changed: Any) -> str:
    return jwt.encode(claims(**changed), secret, algorithm=algorithm)


def unsigned(algorithm: str) -> str:
    return f"{encoded({'alg': algorithm, 'typ': 'JWT'})}.{encoded(claims())}."


def with_signature(token: str, signature: bytes) -> str:
    return f"{token.rpartition('.')[0]}.{part(signature)}"


def tampered(token: str) -> str:
    header, _, signature = token.split(".")
    return f"{header}.{encoded(claims(sub='bob'))}.{signature}"


def respelt(token: str) -> str:
    """The same bytes in another spelling: the last character's spare bits are set."""
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) | 1]


def with_der_signature(key: SigningKey) -> str:
    token = key.token()
    signing_input, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    return f"{signing_input}.{part(der)}"


def pem(key: SigningKey) -> bytes:
    encoded: bytes = key.private.public_key().public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def der(key: SigningKey) -> bytes:
    encoded: bytes = key.private.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    return encoded


def es_header(p: Project, **changed: Any) -> dict[str, Any]:
    return {"alg": "ES256", "kid": p.ec.kid, "typ": "JWT"} | changed


def hs_header(**changed: Any) -> dict[str, Any]:
    return {"alg": "HS256", "typ": "JWT"} | changed


STRANGER = es256()
KIDS = [
    "unknown",
    "",
    "../../../dev/null",
    "/dev/null",
    "' or '1'='1",
    "es'; drop table videos; --",
    "es\0",
    "x" * 300,
    "ES",
]

NOT_SIGNED = ["none", "None", "nOnE", "NONE", "", "HS256", "ES256"]
Forge = Callable[[Project], str]


def as_algorithm(name: str) -> Forge:
    return lambda _: unsigned(name)


def named(kid: str) -> Forge:
    return lambda p: p.ec.token(header={"kid": kid})


def bringing(name: str) -> Forge:
    """Point at a server of the forger's that listens."""
    return lambda p: STRANGER.token(header={name: f"{p.auth.url}/evil.json"})


FORGED: dict[str, Forge] = {
    **{f"alg {name}": as_algorithm(name) for name in NOT_SIGNED},
    "alg none, signed all the same": lambda p: hs256(p.secret.encode(), {"alg": "none"}),
    "alg that is no text": lambda p: hs256(p.secret.encode(), {"alg": ["HS256"]}),
    "no alg": lambda p: hs256(p.secret.encode(), {"typ": "JWT"}),
    "HS256 with the EC key in PEM": lambda p: hs256(pem(p.ec), hs_header(kid=p.ec.kid)),
    "HS256 with the EC key in DER": lambda p: hs256(der(p.ec), hs_header(kid=p.ec.kid)),
    "HS256 with the RSA key in PEM": lambda p: hs256(pem(p.rsa), hs_header(kid=p.rsa.kid)),
    "HS256 with the RSA key in DER": lambda p: hs256(der(p.rsa), hs_header(kid=p.rsa.kid)),
    "HS256 with the Ed25519 key itself": lambda p: hs256(
        p.ed.private.public_key().public_bytes_raw(), hs_header(kid=p.ed.kid)
    ),
    "HS256 with the published key as JSON": lambda p: hs256(
        json.dumps(p.ec.jwk()).encode(), hs_header(kid=p.ec.kid)
    ),
    "HS256 with an empty secret": lambda _: hs256(b"", hs_header()),
    "HS256 with another secret": lambda _: signed("another-secret-of-more-than-32-bytes-0123"),
    "ES256 said, HS256 done": lambda p: hs256(p.secret.encode(), es_header(p)),
    "RS256 said of an EC key": lambda p: with_signature(
        p.ec.token(header={"alg": "RS256"}), b"\1" * 256
    ),
    "RS256 with the EC key's name": lambda p: SigningKey("es", "RS256", p.rsa.private).token(),
    "PS256": lambda p: SigningKey("rs", "PS256", p.rsa.private).token(),
    "RS512": lambda p: SigningKey("rs", "RS512", p.rsa.private).token(),
    "HS512": lambda p: signed(p.secret * 2, "HS512"),
    "HS384": lambda p: signed(p.secret * 2, "HS384"),
    "a stranger's key under a known name": lambda _: STRANGER.token(),
    "a known key without its name": lambda p: jwt.encode(claims(), p.ec.private, "ES256"),
    **{f"kid {kid[:30]!r}": named(kid) for kid in KIDS},
    "kid that is a number": lambda p: p.ec.token(header={"kid": 7}),
    "jku that brings its own key": bringing("jku"),
    "x5u that brings its own key": bringing("x5u"),
    "jwk that brings its own key": lambda _: STRANGER.token(header={"jwk": STRANGER.jwk()}),
    "jwk, though well signed": lambda p: p.ec.token(header={"jwk": p.ec.jwk()}),
    "x5c that brings its own key": lambda _: STRANGER.token(header={"x5c": [part(der(STRANGER))]}),
    "crit": lambda p: p.ec.token(header={"crit": ["bork"], "bork": True}),
    "an empty crit": lambda p: p.ec.token(header={"crit": []}),
    "b64=false": lambda p: p.ec.token(header={"b64": False}),
    "b64=false that must be understood": lambda p: p.ec.token(
        header={"b64": False, "crit": ["b64"]}
    ),
    "a compressed payload": lambda p: p.ec.token(header={"zip": "DEF"}),
    "another type": lambda p: p.ec.token(header={"typ": "JWE"}),
    "no signature": lambda p: p.ec.token().rpartition(".")[0] + ".",
    "no signature, HS256": lambda p: signed(p.secret).rpartition(".")[0] + ".",
    "r and s are zero": lambda p: with_signature(p.ec.token(), b"\0" * 64),
    "r and s are the order": lambda p: with_signature(
        p.ec.token(),
        bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551") * 2,
    ),
    "s is zero": lambda p: with_signature(p.ec.token(), b"\1" * 32 + b"\0" * 32),
    "a signature in DER": lambda p: with_der_signature(p.ec),
    "a signature with a byte more": lambda p: with_signature(p.ec.token(), b"\1" * 65),
    "an Ed25519 signature of zeros": lambda p: with_signature(p.ed.token(), b"\0" * 64),
    "an RSA signature of zeros": lambda p: with_signature(p.rsa.token(), b"\0" * 256),
    "tampered with": lambda p: tampered(p.ec.token()),
    "tampered with, HS256": lambda p: tampered(signed(p.secret)),
    "another spelling of a good signature": lambda p: respelt(signed(p.secret)),
    "padding": lambda p: signed(p.secret) + "=",
    "the other alphabet": lambda p: signed(p.secret).replace("-", "+").replace("_", "/") + "/",
    "a space inside": lambda p: signed(p.secret).replace(".", ". ", 1),
    "a claim twice": lambda p: hs256(
        p.secret.encode(),
        hs_header(),
        json.dumps(claims(sub="bob")).encode()[:-1] + b', "sub": "ada"}',
    ),
    "a claim twice, once escaped": lambda p: hs256(
        p.secret.encode(),
        hs_header(),
        json.dumps(claims(sub="bob")).encode()[:-1] + b', "s\\u0075b": "ada"}',
    ),
    "alg twice": lambda p: hs256(p.secret.encode(), b'{"alg":"none","alg":"HS256"}'),
    "a header that is a list": lambda p: hs256(p.secret.encode(), b'["HS256"]'),
    "a header with NaN": lambda p: hs256(p.secret.encode(), b'{"alg":"HS256","n":NaN}'),
    "a payload that is a list": lambda p: hs256(p.secret.encode(), hs_header(), b"[]"),
    "a payload that is no JSON": lambda p: hs256(p.secret.encode(), hs_header(), b"{"),
    "a payload that is no UTF-8": lambda p: hs256(p.secret.encode(), hs_header(), b'{"a":"\xff"}'),
    "an expiry that is no time": lambda p: signed_raw(p, exp="soon"),
    "role service_role by a stranger": lambda _: STRANGER.token(role="service_role"),
    "role postgres by a stranger": lambda _: STRANGER.token(role="postgres"),
    "role anon by a stranger": lambda _: STRANGER.token(role="anon"),
    "the service key by a stranger": lambda _: project_key("service_role", "x" * 40),
    "two parts": lambda p: signed(p.secret).rpartition(".")[0],
    "four parts": lambda p: signed(p.secret) + ".x",
    "five parts, as of an encrypted one": lambda p: signed(p.secret) + ".x.x",
    "garbage": lambda _: "garbage",
    "dots": lambda _: "..",
    "9 kB": lambda p: signed(p.secret, more="x" * 6500),
    "100 kB": lambda p: signed(p.secret, more="x" * 75_000),
}
UNFIT: dict[str, Forge] = {
    "expired": lambda p: p.ec.token(exp=int(time.time()) - 1),
    "expired long ago, by the secret": lambda p: signed(p.secret, exp=1),
    "without an expiry": lambda p: p.ec.token(exp=None),
    "not valid yet": lambda p: p.ec.token(nbf=int(time.time()) + 60),
    "with a start that is no time": lambda p: signed_raw(p, nbf="soon"),
    "without an audience": lambda p: p.ec.token(aud=None),
    "for another audience": lambda p: p.ec.token(aud="somebody"),
    "for nobody": lambda p: p.ec.token(aud=[]),
    "without an issuer": lambda p: p.ec.token(iss=None),
    "from another issuer": lambda p: p.ec.token(iss="https://evil.example/auth/v1"),
    "from an issuer that is a list": lambda p: signed_raw(p, iss=["supabase"]),
    "without a role": lambda p: p.ec.token(role=None),
    "as postgres": lambda p: p.ec.token(role="postgres"),
    "as media_worker": lambda p: p.ec.token(role="media_worker"),
    "as api_media": lambda p: p.ec.token(role="api_media"),
    "in two roles": lambda p: signed_raw(p, role=["authenticated"]),
    "without a subject": lambda p: jwt.encode(
        {name: value for name, value in claims().items() if name != "sub"}, p.secret, "HS256"
    ),
    "with an empty subject": lambda p: p.ec.token(""),
    "with a blank subject": lambda p: p.ec.token("   "),
    "with a subject of 256 characters": lambda p: p.ec.token("x" * 256),
    "with an unprintable subject": lambda p: p.ec.token("a\u0000b"),
    "with a line in the subject": lambda p: p.ec.token("a\nb"),
    "with a subject that is a number": lambda p: signed_raw(p, sub=7),
}


def signed_raw(p: Project, **changed: Any) -> str:
    """Sign claims that no library would sign."""
    return hs256(p.secret.encode(), hs_header(), json.dumps(claims(**changed)).encode())


@pytest.fixture(scope="module")
def bad_tokens(project: Project) -> dict[str, str]:
    # Some are about to expire; none is good by then.
    return {name: forge(project) for name, forge in (FORGED | UNFIT).items()}


def test_a_token_has_one_spelling(project: Project) -> None:
    """Whatever the library thinks of another: what is remembered or logged is one thing."""
    token = signed(project.secret)
    assert jws.parse(token).text == token
    for other in (respelt(token), token + "=", token.replace(".", "=.", 1), f" {token}"):
        with pytest.raises(jws.NotATokenError):
            jws.parse(other)


def test_keys_and_secret_sign_people_in(project: Project) -> None:
    good = [project.ec.token(), project.rsa.token(), project.ed.token(), signed(project.secret)]
    assert [project.told(token).status_code for token in good] == [200] * 4


@pytest.mark.parametrize("door", DOORS)
def test_a_bad_token_is_refused_everywhere(
    door: str, bad_tokens: dict[str, str], project: Project
) -> None:
    wrong = {}
    for name, token in bad_tokens.items():
        answer = project.told(token, door)
        challenge = answer.headers.get("www-authenticate")
        # Headers of such a size are the server's own to refuse.
        expected = (431, None) if len(token) > 60_000 else (401, 'Bearer error="invalid_token"')
        if (answer.status_code, challenge) != expected:
            wrong[name] = answer.status_code
    assert wrong == {}


def test_every_bad_token_gets_the_same_answer(bad_tokens: dict[str, str], project: Project) -> None:
    small = [token for token in bad_tokens.values() if len(token) < 60_000]
    ours = {project.told(token).text for token in small}
    assert len(ours) == 1
    assert json.loads(ours.pop())["error"]["message"] == "invalid_token"
    forged = [bad_tokens[name] for name in FORGED if len(bad_tokens[name]) < 60_000]
    assert len({project.told(token, DOORS[2]).text for token in forged}) == 1


def test_no_header_makes_us_fetch_anything(bad_tokens: dict[str, str], project: Project) -> None:
    for token in bad_tokens.values():
        project.told(token)
    assert set(project.auth.asked) == {"/auth/v1/.well-known/jwks.json"}
    # At the start, and once for all the unknown names.
    assert len(project.auth.asked) <= 2


def test_how_long_a_refusal_takes_tells_nothing(
    bad_tokens: dict[str, str], project: Project
) -> None:
    """The slowest kind of refusal is within two milliseconds of the quickest."""
    names = ["alg none", "a stranger's key under a known name", "kid 'unknown'", "expired",
             "HS256 with another secret", "an RSA signature of zeros"]  # fmt: skip
    took: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(40):
        for name in names:
            began = time.perf_counter()
            project.told(bad_tokens[name])
            took[name].append(time.perf_counter() - began)
    quickest = [min(times) for times in took.values()]
    assert max(quickest) - min(quickest) < 0.002, took


def test_the_supabase_client_is_told_what_is_wrong_with_its_own_token(project: Project) -> None:
    def told(token: str) -> tuple[str, str]:
        body = project.told(token, DOORS[2]).json()
        assert set(body) == {"code", "message", "details", "hint"}
        return body["code"], body["message"]

    assert told(project.ec.token(exp=int(time.time()) - 1)) == ("PGRST303", "JWT expired")
    assert told(project.ec.token(aud="somebody")) == ("PGRST303", "JWT not in audience")
    assert told(project.ec.token(iss="somebody")) == ("PGRST303", "JWT from another issuer")
    assert told("garbage") == ("PGRST301", "JWT cryptographic operation failed")


@pytest.mark.parametrize("door", DOORS)
def test_service_keys_are_not_served(door: str, project: Project) -> None:
    good = project_key("service_role", project.secret)
    for key in (good, project.ec.token(role="service_role"), "sb_secret_of_ours"):
        for headers in ([("authorization", f"Bearer {key}")], [("apikey", key)]):
            answer = project.get(door, *headers)
            assert answer.status_code == 403, answer.text
            body = answer.json()
            assert body.get("error", body)["message"] == "service_role_not_served"
            assert key not in answer.text


def test_a_publishable_key_is_nobody(project: Project) -> None:
    key = "sb_publishable_of_ours"
    for headers in (
        [("apikey", key)],
        [("authorization", f"Bearer {key}")],
        [("apikey", key), ("authorization", f"Bearer {key}")],
    ):
        assert project.get("/api/videos/feed", *headers).status_code == 200
        assert project.get("/rest/v1/rpc/feed", *headers).status_code == 200
        assert project.get("/api/auth/imagekit", *headers).status_code == 401


def test_a_token_in_the_query_is_none(project: Project) -> None:
    token = project.ec.token()
    for name in ("access_token", "token", "apikey", "jwt"):
        assert project.get(f"/api/videos/feed?{name}={token}").status_code == 400
        assert project.get(f"/api/auth/imagekit?{name}={token}").status_code == 401


def test_the_subject_of_an_anonymous_token_is_nobodys(project: Project) -> None:
    token = project.ec.token("ada", role="anon")
    headers = {"authorization": f"Bearer {token}"}
    profile = project.http.post("/rest/v1/rpc/my_profile", headers=headers)
    assert profile.status_code == 401


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x y", "Basic YWRhOmFkYQ==", "token abc"])
def test_what_is_no_bearer_token_is_no_token(header: str, http: httpx.Client) -> None:
    assert http.get("/api/videos/feed", headers={"authorization": header}).status_code == 401


def test_two_tokens_are_one_too_many(http: httpx.Client, api: Any) -> None:
    bearer = f"Bearer {user_token('ada', api.jwt_secret)}"
    for name, value in (("authorization", bearer), ("apikey", project_key("anon", "x" * 32))):
        answer = http.get("/api/videos/feed", headers=[(name, value), (name, value)])
        assert answer.status_code == 401
    answer = http.get("/api/videos/feed", headers={"authorization": f"{bearer}, {bearer}"})
    assert answer.status_code == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_good_token_is_a_user(scheme: str, http: httpx.Client, api: Any) -> None:
    token = user_token("ada", api.jwt_secret)
    answer = http.get("/api/auth/imagekit", headers={"authorization": f"{scheme} {token}"})
    assert answer.status_code in {200, 409, 429}, answer.text


def test_an_audience_may_be_one_of_several(http: httpx.Client, api: Any) -> None:
    token = signed(api.jwt_secret, aud=["other", "authenticated"])
    answer = http.get("/api/videos/feed", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_clock_that_is_ahead_a_little_does_not_lock_people_out(
    http: httpx.Client, api: Any
) -> None:
    token = signed(api.jwt_secret, iat=int(time.time()) + 20, nbf=int(time.time()) + 20)
    answer = http.get("/api/videos/feed", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_remembered_token_still_expires_to_the_second(http: httpx.Client, api: Any) -> None:
    expires = time.time() + 1.5
    token = signed(api.jwt_secret, exp=expires)
    headers = {"authorization": f"Bearer {token}"}
    assert http.get("/api/videos/feed", headers=headers).status_code == 200
    time.sleep(expires - time.time() + 0.05)
    assert http.get("/api/videos/feed", headers=headers).status_code == 401


def test_a_projects_anonymous_key_is_nobody(
    http: httpx.Client, api: Any, ada: Person, make_video: MakeVideo
) -> None:
    key = project_key("anon", api.jwt_secret)
    headers = {"authorization": f"Bearer {key}", "apikey": key}
    video_id = make_video(ada)
    assert http.get(f"/api/videos/{video_id}", headers=headers).status_code == 200
    assert http.post(f"/api/videos/{video_id}/like", headers=headers).status_code == 401
    liked = http.post("/rest/v1/rpc/like_video", headers=headers, json={"video_id": video_id})
    assert (liked.status_code, liked.json()["code"]) == (401, "42501")
    assert http.get("/rest/v1/rpc/feed", headers={"apikey": key}).status_code == 200


def test_an_expired_anonymous_key_is_refused(http: httpx.Client, api: Any) -> None:
    key = jwt.encode({"role": "anon", "exp": int(time.time()) - 5}, api.jwt_secret, "HS256")
    answer = http.get("/api/videos/feed", headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 401


def test_a_user_may_be_signed_in_beside_the_anonymous_key(
    http: httpx.Client, api: Any, ada: Person
) -> None:
    key = project_key("anon", api.jwt_secret)
    profile = http.post("/rest/v1/rpc/my_profile", headers=ada.headers | {"apikey": key})
    assert profile.json()["user_id"] == ada.user_id


def test_the_opaque_key_from_the_settings_is_nobody_and_any_other_is_refused(
    api_environment: dict[str, str],
) -> None:
    with served(api_environment | {"SUPABASE_ANON_KEY": "sb_publishable_ours"}) as url:

        def status(key: str) -> int:
            headers = {"authorization": f"Bearer {key}", "apikey": key}
            return httpx.get(f"{url}/api/videos/feed", headers=headers).status_code

        assert status("sb_publishable_ours") == 200
        assert status("sb_publishable_theirs") == 401
        assert status("sb_secret_ours") == 403


@pytest.mark.parametrize("user_id", ["x" * 255, "auth0|5f7c", "Zoë ☂", "user@example.com", "-7"])
def test_ids_of_other_sign_in_services_are_users_too(
    user_id: str, http: httpx.Client, api: Any
) -> None:
    headers = {"authorization": f"Bearer {user_token(user_id, api.jwt_secret)}"}
    profile = http.post("/rest/v1/rpc/my_profile", headers=headers)
    assert profile.status_code == 200, profile.text
    assert profile.json()["user_id"] == user_id
