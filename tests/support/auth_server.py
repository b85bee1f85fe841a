"""An auth server as far as tokens go: real key pairs, and their public halves over HTTP."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from dev.stack.tokens import ISSUER

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class SigningKey:
    """A key pair with a name."""

    kid: str
    algorithm: str
    private: Any

    def jwk(self, **changed: Any) -> dict[str, Any]:
        """Return the public half as it is published; a member given as None is left out."""
        made: Any = jwt.get_algorithm_by_name(self.algorithm)
        public = made.to_jwk(self.private.public_key(), as_dict=True)
        standard = {"kid": self.kid, "alg": self.algorithm, "use": "sig", "key_ops": ["verify"]}
        whole = public | standard | changed
        return {name: value for name, value in whole.items() if value is not None}

    def token(self, user: str = "ada", *, header: dict[str, Any] | None = None, **c: Any) -> str:
        """Sign a user's token; a claim given as None is left out."""
        return self.sign(json.dumps(claims(sub=user, **c)).encode(), header)

    def sign(self, payload: bytes, header: dict[str, Any] | None = None) -> str:
        """Sign anything, under any header."""
        said = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"} | (header or {})
        signed = f"{part(json.dumps(said).encode())}.{part(payload)}"
        signer: Any = jwt.get_algorithm_by_name(self.algorithm)
        return f"{signed}.{part(signer.sign(signed.encode(), self.private))}"


def part(raw: bytes) -> str:
    """Return bytes as they stand in a token."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def claims(**changed: Any) -> dict[str, Any]:
    """Return what a Supabase project puts into a user's token."""
    now = int(time.time())
    standard = {
        "iss": ISSUER,
        "aud": "authenticated",
        "role": "authenticated",
        "sub": "ada",
        "iat": now,
        "exp": now + 600,
    }
    return {name: value for name, value in (standard | changed).items() if value is not None}


def es256(kid: str = "es") -> SigningKey:
    """Make a pair of the kind new projects have."""
    return SigningKey(kid, "ES256", ec.generate_private_key(ec.SECP256R1()))


def rs256(kid: str = "rs", bits: int = 2048) -> SigningKey:
    """Make an RSA pair."""
    return SigningKey(kid, "RS256", rsa.generate_private_key(65537, bits))


def eddsa(kid: str = "ed") -> SigningKey:
    """Make an Ed25519 pair."""
    return SigningKey(kid, "EdDSA", ed25519.Ed25519PrivateKey.generate())


@dataclass
class AuthServer:
    """What it publishes, and how it behaves; both may change while it runs."""

    url: str
    published: list[dict[str, Any]] = field(default_factory=list)
    # Sent instead of the key set.
    body: bytes | None = None
    status: int = 200
    delay_s: float = 0.0
    # Every path that was asked for, by whatever method.
    asked: list[str] = field(default_factory=list)

    @property
    def jwks_url(self) -> str:
        """Where the key set is."""
        return f"{self.url}/auth/v1/.well-known/jwks.json"

    def publish(self, *keys: SigningKey) -> None:
        """Publish exactly these keys from now on."""
        self.published = [key.jwk() for key in keys]


@contextmanager
def running_auth_server() -> Iterator[AuthServer]:
    """Run one on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            time.sleep(server.delay_s)
            body = server.body
            if body is None:
                body = json.dumps({"keys": server.published}).encode()
            self.send_response(server.status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = AuthServer(f"http://127.0.0.1:{listener.server_port}")
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
