"""Asking ImageKit about files, over its official SDK."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

import httpx
import imagekitio
from imagekitio import AsyncImageKit

from api.imagekit.account import ImageKitAccount
from api.imagekit.errors import (
    FileIdMalformed,
    FileNotFound,
    ImageKitError,
    ImageKitRefused,
    ImageKitUnavailable,
    RateLimited,
)

FileDetails = dict[str, Any]
"""A file as ImageKit described it, unchanged."""

AFTER_UPLOAD_SECONDS = (0.3, 1.0, 2.0)
"""Waits between questions while a file that was just uploaded is not listed yet."""

FILE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
PLAIN_NAME = re.compile(r"[0-9A-Za-z._-]{1,255}")


class ImageKitClient:
    """One connection pool to ImageKit; close it when the application stops.

    Every question raises one of ``api.imagekit.errors`` when it has no answer.
    """

    def __init__(
        self, account: ImageKitAccount, *, timeout: float = 5.0, max_retries: int = 1
    ) -> None:
        """Prepare the pool; nothing is sent yet. ``timeout`` counts for each attempt."""
        self._sdk = AsyncImageKit(
            private_key=account.private_key,
            # Always explicit, or the SDK takes an address from the environment and sends
            # the private key there.
            base_url=account.api_base,
            timeout=httpx.Timeout(timeout),
            max_retries=max_retries,
        )

    async def __aenter__(self) -> Self:
        """Use the client for the length of a block."""
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the pool at the end of the block."""
        await self.close()

    async def close(self) -> None:
        """Close the pool's connections."""
        await self._sdk.close()

    async def get_file(
        self, file_id: str, *, patience: Sequence[float] = AFTER_UPLOAD_SECONDS
    ) -> FileDetails:
        """The details of a file, as ImageKit sent them.

        A file that was uploaded a moment ago may not be known yet, so "not found" is believed only
        after asking again after each wait of ``patience``; pass ``()`` to believe it at once.
        """
        if not FILE_ID.fullmatch(file_id):
            message = "this is not a file id"
            raise FileIdMalformed(message)
        for wait in patience:
            try:
                return await self._details(file_id)
            except FileNotFound:
                await asyncio.sleep(wait)
        return await self._details(file_id)

    async def find_file(
        self, folder: str, name: str, *, patience: Sequence[float] = ()
    ) -> FileDetails | None:
        """The details of the file called exactly ``name`` in exactly ``folder``, or None.

        ``name`` is one that ImageKit would leave as it is: letters, digits, dots, dashes. With
        ``patience``, "not there" is believed as slowly as by ``get_file``.
        """
        if not PLAIN_NAME.fullmatch(name):
            message = f"not a plain file name: {name!r}"
            raise ValueError(message)
        path = f"/{folder.strip('/')}".rstrip("/") + f"/{name}"
        for wait in patience:
            found = await self._search(path)
            if found is not None:
                return found
            await asyncio.sleep(wait)
        return await self._search(path)

    async def _search(self, path: str) -> FileDetails | None:
        folder, _, name = path.rpartition("/")
        with understood_errors():
            response = await self._sdk.assets.with_raw_response.list(
                path=folder or "/", search_query=f'name = "{name}"', limit=10
            )
        listed = json_of(response.http_response)
        if not isinstance(listed, list):
            message = "ImageKit's list of files is no list"
            raise ImageKitUnavailable(message)
        for entry in listed:
            # The search is theirs; what counts as the same file is ours to say.
            if isinstance(entry, dict) and entry.get("filePath") == path:
                return entry
        return None

    async def _details(self, file_id: str) -> FileDetails:
        with understood_errors(bad_request=FileIdMalformed):
            response = await self._sdk.files.with_raw_response.get(file_id)
        details = json_of(response.http_response)
        if not isinstance(details, dict):
            message = "ImageKit's details of a file are no object"
            raise ImageKitUnavailable(message)
        return details


@contextmanager
def understood_errors(bad_request: type[ImageKitError] = ImageKitError) -> Iterator[None]:
    """Turn the SDK's errors into ours; ``bad_request`` is what a 400 means to this question.

    ``from None`` is deliberate: the SDK's exception holds the request with the private key, and a
    chained traceback would carry it into whatever reports errors.
    """
    try:
        yield
    except imagekitio.NotFoundError:
        message = "ImageKit knows no such file"
        raise FileNotFound(message) from None
    except imagekitio.BadRequestError:
        message = "ImageKit does not understand the question"
        raise bad_request(message) from None
    except (imagekitio.AuthenticationError, imagekitio.PermissionDeniedError) as error:
        message = f"ImageKit refuses our key ({error.status_code})"
        raise ImageKitRefused(message) from None
    except imagekitio.RateLimitError as error:
        message = "ImageKit wants fewer requests (429)"
        raise RateLimited(message, retry_after=_retry_after(error.response)) from None
    except imagekitio.APITimeoutError:
        message = "ImageKit did not answer in time"
        raise ImageKitUnavailable(message) from None
    except imagekitio.APIConnectionError:
        message = "ImageKit could not be reached"
        raise ImageKitUnavailable(message) from None
    except imagekitio.APIStatusError as error:
        message = f"ImageKit answered {error.status_code}"
        raise ImageKitUnavailable(message, retry_after=_retry_after(error.response)) from None
    except imagekitio.ImageKitError as error:
        message = f"ImageKit's SDK failed with {type(error).__name__}"
        raise ImageKitError(message) from None


def _retry_after(response: httpx.Response) -> float | None:
    """How many seconds to wait; ImageKit says it in milliseconds."""
    try:
        return int(response.headers["x-ratelimit-reset"]) / 1000
    except (KeyError, ValueError):
        return None


def json_of(response: httpx.Response) -> Any:
    """The answer's JSON; ImageKitUnavailable when it is none, as from a proxy in between."""
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        message = "ImageKit's answer is no JSON"
        raise ImageKitUnavailable(message) from None
