"""Uploading as phones and browsers do: plain forms, with signatures made elsewhere."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
from imagekitio import ImageKit

from tests.imagekit.running import HTTP, RunningStandIn

SAMPLES = Path(__file__).parents[2] / "dev" / "imagekit" / "samples"
VIDEO = (SAMPLES / "sample.mp4").read_bytes()
PICTURE = (SAMPLES / "thumbnail.jpg").read_bytes()

MISSING_FILE = "Your request is missing file parameter."
ONLY_ONE = "Use only one method, you might be exposing your private API key."

Fields = dict[str, str]
Refusal = tuple[int, str]


def used_before(token: str) -> Refusal:
    """What is answered to a token that was shown before."""
    message = (
        f"The token with value '{token}' has been used before. We suggest using V4 UUIDs, or"
        " another random string with enough entropy to avoid collisions."
    )
    return 400, message


class Phone:
    """Signs with independent code (the SDK's V1, PyJWT's V2) and posts to the stand-in."""

    def __init__(self, standin: RunningStandIn) -> None:
        self.standin = standin

    def fields(self, **more: str) -> Fields:
        """A form that puts a file where it says, under a name nobody has used."""
        return {
            "fileName": f"{uuid.uuid4()}.mp4",
            "folder": "/videos/2026-11-22/14",
            "useUniqueFileName": "false",
            "overwriteFile": "false",
            **more,
        }

    def signed_v1(self, fields: Mapping[str, str], *, life: float = 1800, **more: str) -> Fields:
        """The form with V1's signature."""
        sdk = ImageKit(private_key=self.standin.private_key)
        token, expire = str(uuid.uuid4()), int(time.time() + life)
        signed = sdk.helper.get_authentication_parameters(token=token, expire=expire)
        authentication = {
            "publicKey": self.standin.public_key,
            **{name: str(value) for name, value in signed.items()},
        }
        return {**fields, **authentication, **more}

    def signed_v2(
        self,
        fields: Mapping[str, str],
        *,
        issued_at: float | None = None,
        life: int = 1800,
        private_key: str | None = None,
        public_key: str | None = None,
        algorithm: str = "HS256",
    ) -> Fields:
        """The form with V2's token."""
        iat = int(time.time() if issued_at is None else issued_at)
        token = jwt.encode(
            {**fields, "iat": iat, "exp": iat + life},
            private_key or self.standin.private_key,
            algorithm=algorithm,
            headers={"kid": public_key or self.standin.public_key},
        )
        return {**fields, "token": token}

    def post(
        self,
        version: int,
        fields: Mapping[str, str],
        content: bytes | None = VIDEO,
        **options: Any,
    ) -> httpx.Response:
        """Send a form, its file last; without a file when ``content`` is None."""
        # A part without a file name is a text field; a form of those is still multipart.
        parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in fields.items()]
        if content is not None:
            parts.append(("file", ("clip.mp4", content, "video/mp4")))
        url = f"{self.standin.base_url}/api/v{version}/files/upload"
        return HTTP.post(url, files=parts or {"none": (None, "")}, **options)

    def refusal(
        self,
        version: int,
        fields: Mapping[str, str],
        content: bytes | None = VIDEO,
        **options: Any,
    ) -> Refusal:
        """Send a form that is not accepted: the status and the message."""
        response = self.post(version, fields, content, **options)
        return response.status_code, response.json()["message"]

    def upload(
        self, fields: Mapping[str, str] | None = None, content: bytes = VIDEO
    ) -> dict[str, Any]:
        """Upload with a V2 token; the answer."""
        wanted = fields or self.fields()
        response = self.post(2, self.signed_v2(wanted), content)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer
