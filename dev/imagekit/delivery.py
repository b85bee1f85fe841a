"""Delivering files, as the CDN does: ``GET`` and ``HEAD`` below the URL endpoint."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple
from urllib.parse import unquote

from litestar.datastructures import Headers
from litestar.types import HTTPScope, Send

from dev.imagekit.ranges import UnsatisfiableRangeError, requested_range
from dev.imagekit.records import FileRecord
from dev.imagekit.refusal import Refusal
from dev.imagekit.standin import StandIn

CHUNK = 2**18
CACHED_FOR_A_YEAR = "public, s-maxage=31536000, max-age=31536000, must-revalidate"
FIXED_THUMBNAIL = Path(__file__).parent / "samples" / "thumbnail.jpg"

# Transformations may stand in front of the path; what they ask for is not done here.
LEADING_TRANSFORMATION = re.compile(r"tr:[^/]*/")
DERIVED = re.compile(
    r"(?P<path>.+?)(?:/ik-video\.mp4)?"
    r"/(?P<what>ik-thumbnail\.jpg|ik-master\.m3u8|ik-master\.mpd|ik-video\.mp4)"
)

NOT_THERE = "The requested file does not exist."

STREAM_TYPES = {
    "ik-master.m3u8": "application/vnd.apple.mpegurl",
    "ik-master.mpd": "application/dash+xml",
}


class Wanted(NamedTuple):
    """A path in the media library, and what is to be made of the file there."""

    path: str
    derived: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is delivered: some bytes, or a run of bytes of a file."""

    status: int = 200
    mime: str = "application/json"
    content: bytes = b""
    file: Path | None = None
    start: int = 0
    length: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many bytes will be sent."""
        return self.length if self.file else len(self.content)


class Delivery:
    """Everything below one account's URL endpoint.

    It works on bare ASGI messages: signatures need the address exactly as it was sent, and files
    are to leave in pieces.
    """

    def __init__(self, standin: StandIn) -> None:
        """Deliver the files of ``standin``."""
        self._standin = standin

    async def answer(self, scope: HTTPScope, send: Send) -> None:
        """Answer one request."""
        method = str(scope["method"])
        if method not in {"GET", "HEAD"}:
            body = _refused(Refusal(405, "Method not allowed."))
        else:
            address = scope["raw_path"].decode("latin-1")
            if query := scope["query_string"].decode("latin-1"):
                address += f"?{query}"
            below_account = address.removeprefix("/").partition("/")[2]
            try:
                body = await self._deliver(below_account, Headers.from_scope(scope))
            except Refusal as refusal:
                body = _refused(refusal)
        if body.file is None or method == "HEAD":
            await _send(body, send, with_content=method != "HEAD")
            return
        try:
            file = await asyncio.to_thread(body.file.open, "rb")
        except FileNotFoundError:
            # It was deleted since it was looked up.
            await _send(_refused(Refusal(404, NOT_THERE)), send, with_content=True)
            return
        with file:
            await _send_head(body, send)
            await _send_run(file, body.start, body.length, send)

    async def _deliver(self, address: str, headers: Headers) -> Body:
        standin = self._standin
        wanted = _wanted(address)
        record = standin.store.find_path(wanted.path)
        signed = standin.auth.signed_address_is_good(address)
        private = standin.limits.restrict_unsigned or (record is not None and record.is_private)
        if signed is False or (private and not signed):
            raise Refusal(401, "Unauthorised")
        if record is None:
            return await self._from_cdn(wanted, headers)
        path = standin.store.blobs.path(record.blob)
        if wanted.derived == "ik-thumbnail.jpg":
            return await _thumbnail(path)
        if wanted.derived in STREAM_TYPES:
            return self._stream(record, wanted.derived)
        return _file(path, record.mime, record.etag, record.size, headers)

    async def _from_cdn(self, wanted: Wanted, headers: Headers) -> Body:
        copy = self._standin.store.cdn_copy(wanted.path)
        remembers = self._standin.limits.serve_deleted_until_purged
        if copy is None or not remembers or wanted.derived in STREAM_TYPES:
            raise Refusal(404, NOT_THERE)
        path = self._standin.store.blobs.path(copy["blob"])
        if wanted.derived == "ik-thumbnail.jpg":
            body = await _thumbnail(path)
        else:
            body = _file(path, copy["mime"], copy["etag"], copy["size"], headers)
        body.headers["x-cache"] = "Hit from cloudfront"
        return body

    def _stream(self, record: FileRecord, manifest: str) -> Body:
        """An adaptive stream of one variant, the file itself; not ready when first asked for."""
        if not self._standin.store.ask_for_streaming(record.file_id):
            return Body(
                status=202, mime=STREAM_TYPES[manifest], headers={"cache-control": "no-store"}
            )
        describe = _hls if manifest.endswith(".m3u8") else _dash
        content = describe(record, record.url(self._standin.url_endpoint)).encode()
        return Body(mime=STREAM_TYPES[manifest], content=content, headers=_cached())


def _wanted(address: str) -> Wanted:
    path = LEADING_TRANSFORMATION.sub("", address.partition("?")[0], count=1)
    path = "/" + unquote(path).strip("/")
    match = DERIVED.fullmatch(path)
    return Wanted(match["path"], match["what"]) if match else Wanted(path, None)


def _file(path: Path, mime: str, etag: str, size: int, headers: Headers) -> Body:
    etag = f'"{etag}"'
    answer = {**_cached(), "accept-ranges": "bytes", "etag": etag}
    if etag in (headers.get("if-none-match") or ""):
        return Body(status=304, mime=mime, headers=answer)
    # A client that goes on with an older version must start again.
    resumes = headers.get("if-range") in {None, etag}
    try:
        span = requested_range(headers.get("range"), size) if resumes else None
    except UnsatisfiableRangeError:
        return Body(status=416, mime=mime, headers={"content-range": f"bytes */{size}"})
    if span is None:
        return Body(mime=mime, file=path, length=size, headers=answer)
    first, last = span
    answer["content-range"] = f"bytes {first}-{last}/{size}"
    return Body(
        status=206, mime=mime, file=path, start=first, length=last - first + 1, headers=answer
    )


async def _send(body: Body, send: Send, *, with_content: bool) -> None:
    await _send_head(body, send)
    content = body.content if with_content else b""
    await send({"type": "http.response.body", "body": content, "more_body": False})


async def _send_head(body: Body, send: Send) -> None:
    headers = {
        "content-type": body.mime,
        "content-length": str(body.size),
        # Players read these from pages of other origins.
        "access-control-allow-origin": "*",
        **body.headers,
    }
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": body.status, "headers": raw})


async def _send_run(file: BinaryIO, start: int, length: int, send: Send) -> None:
    """Send a run of bytes piece by piece; the whole of it is never in memory."""
    file.seek(start)
    while length > 0 and (piece := await asyncio.to_thread(file.read, min(CHUNK, length))):
        length -= len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _refused(refusal: Refusal) -> Body:
    content = json.dumps(refusal.body()).encode()
    return Body(status=refusal.status, content=content, headers={"cache-control": "no-store"})


def _cached() -> dict[str, str]:
    return {"cache-control": CACHED_FOR_A_YEAR}


async def _thumbnail(video: Path) -> Body:
    return Body(mime="image/jpeg", content=await _first_picture(video), headers=_cached())


async def _first_picture(video: Path) -> bytes:
    """The first picture of a video; without ffmpeg, always the same picture."""
    if program := shutil.which("ffmpeg"):
        process = await asyncio.create_subprocess_exec(
            program,
            *("-v", "error", "-i", str(video), "-frames:v", "1"),
            *("-f", "image2", "-c:v", "mjpeg", "-"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        picture, _ = await process.communicate()
        if picture:
            return picture
    return FIXED_THUMBNAIL.read_bytes()


def _hls(record: FileRecord, url: str) -> str:
    media = record.media
    resolution = f"{media.get('width', 0)}x{media.get('height', 0)}"
    return (
        "#EXTM3U\n"
        f"#EXT-X-STREAM-INF:BANDWIDTH={media.get('bitRate', 800_000)},RESOLUTION={resolution}\n"
        f"{url}\n"
    )


def _dash(record: FileRecord, url: str) -> str:
    media = record.media
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"'
        ' profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"'
        f' mediaPresentationDuration="PT{media.get("duration", 0)}S">'
        f'<Period><AdaptationSet mimeType="{record.mime}"><Representation id="1"'
        f' bandwidth="{media.get("bitRate", 800_000)}"'
        f' width="{media.get("width", 0)}" height="{media.get("height", 0)}">'
        f"<BaseURL>{url}</BaseURL></Representation></AdaptationSet></Period></MPD>\n"
    )
