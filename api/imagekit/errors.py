"""What can go wrong when ImageKit is asked, told apart by what the caller should do next.

None of these carries the request, because the request carries the private key.
"""

from __future__ import annotations


class ImageKitError(Exception):
    """ImageKit could not answer the question."""


class FileNotFound(ImageKitError):  # noqa: N818 - reads as the answer it is
    """There is no such file; right after an upload it may still appear."""


class FileIdMalformed(ImageKitError):  # noqa: N818
    """The text is no file id, so asking again is pointless."""


class ImageKitUnavailable(ImageKitError):  # noqa: N818
    """Too many requests, a fault on their side or no answer: ask again later.

    ``retry_after`` is how many seconds ImageKit wants to be left alone, when it said so.
    """

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        """Say what happened and, when known, for how long to wait."""
        super().__init__(message)
        self.retry_after = retry_after


class RateLimited(ImageKitUnavailable):
    """Too many requests: everybody with this account should wait, not only who asked."""


class FolderTooLarge(ImageKitError):  # noqa: N818
    """The folder holds more than ImageKit deletes in one call."""


class ImageKitRefused(ImageKitError):  # noqa: N818
    """Our key is wrong, revoked or its account disabled: somebody has to look at it."""
