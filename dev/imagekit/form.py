"""Reading an upload's form as it arrives: the file goes straight to disk."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from dev.imagekit.refusal import bad_request, invalid

MOST_PARTS = 100
LARGEST_FIELD = 2**20

# Divisible by four, so that each piece of base64 text can be decoded on its own.
PIECE = 2**18


@dataclass(slots=True)
class UploadForm:
    """The parts of a form: texts by name, and the file as a path on disk.

    ``etag`` is a digest of the contents. ``is_text`` says that the file came as a text part: an
    address or base64, which ImageKit accepts as well.
    """

    path: Path
    fields: dict[str, str] = field(default_factory=dict)
    has_file: bool = False
    is_text: bool = False
    size: int = 0
    etag: str = ""


async def read_upload(
    content_type: str | None, chunks: AsyncIterator[bytes], path: Path, largest: int
) -> UploadForm:
    """Read the whole form, its file to ``path``.

    Parts may come in any order; the last one of a name wins. Of a file larger than ``largest``
    only the size is kept, but it is read to its end: a client that is still sending would not
    hear the refusal.
    """
    kind, options = parse_options_header(content_type or "")
    form = UploadForm(path)
    if kind != "multipart/form-data" or not options.get("boundary"):
        # No form, no parts: what is missing is said by whoever needs it.
        async for _ in chunks:
            pass
        return form
    try:
        with PushMultipartParser(options["boundary"], max_segment_count=MOST_PARTS) as parser:
            reader = _FormReader(form, largest)
            try:
                async for chunk in chunks:
                    if not parser.closed:
                        for event in parser.parse(chunk):
                            reader.receive(event)
            finally:
                reader.close()
    except (MultipartError, UnicodeDecodeError):
        message = "Your request is not a valid multipart form."
        raise bad_request(message) from None
    return form


class _FormReader:
    """Puts what the parser finds where it belongs."""

    def __init__(self, form: UploadForm, largest: int) -> None:
        self._form = form
        self._largest = largest
        self._name = ""
        self._text = bytearray()
        self._file: BinaryIO | None = None
        self._digest = hashlib.sha256()

    def receive(self, event: MultipartSegment | bytearray | bytes | None) -> None:
        """One event: a part begins, some of its contents, or its end."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        elif self._file is not None:
            self._form.size += len(event)
            # Base64 text is a third longer than what it stands for.
            if self._form.size <= self._largest * (2 if self._form.is_text else 1):
                self._file.write(event)
                self._digest.update(event)
        else:
            self._text += event
            if len(self._text) > LARGEST_FIELD:
                raise invalid(self._name)

    def close(self) -> None:
        """Let go of the file when the client stopped in the middle of it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self, segment: MultipartSegment) -> None:
        self._name = segment.name
        self._text.clear()
        if segment.name == "file":
            self._file = self._form.path.open("wb")
            self._digest = hashlib.sha256()
            self._form.has_file = True
            self._form.is_text = segment.filename is None
            self._form.size = 0

    def _end(self) -> None:
        if self._file is None:
            self._form.fields[self._name] = self._text.decode()
            return
        self.close()
        self._form.etag = self._digest.hexdigest()[:32]


def decode_text_file(form: UploadForm, largest: int) -> None:
    """Replace a file that was sent as base64 text or a data URI by what the text stands for."""
    decoded = form.path.with_suffix(".decoded")
    digest, size = hashlib.sha256(), 0
    try:
        with form.path.open("rb") as source, decoded.open("wb") as target:
            head = source.read(256)
            if head.startswith((b"http://", b"https://")):
                message = (
                    "Your request contains invalid file parameter."
                    " The stand-in does not fetch files from addresses."
                )
                raise bad_request(message)
            source.seek(head.index(b",") + 1 if head.startswith(b"data:") else 0)
            while piece := source.read(PIECE):
                octets = base64.b64decode(piece, validate=True)
                size += len(octets)
                if size <= largest:
                    target.write(octets)
                    digest.update(octets)
        decoded.replace(form.path)
    except (binascii.Error, ValueError):
        raise invalid("file") from None
    finally:
        decoded.unlink(missing_ok=True)
    form.size, form.etag = size, digest.hexdigest()[:32]
