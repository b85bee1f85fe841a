"""Tokens as a forger makes them, for a project that signs with keys and with its secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dev.stack.tokens import project_key
from tests.support.auth_server import (
    AuthServer,
    SigningKey,
    claims,
    es256,
    part,
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
