"""What an MP4 or MOV file says about itself, read from its boxes.

Only ``moov`` is read: it holds the lengths, sizes and codecs, and is small. The pictures and the
sound in ``mdat`` are stepped over, so the size of the file does not matter.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

CODECS = {
    b"avc1": "h264",
    b"avc3": "h264",
    b"hvc1": "hevc",
    b"hev1": "hevc",
    b"av01": "av1",
    b"vp09": "vp9",
    b"mp4v": "mpeg4",
    b"mp4a": "aac",
    b"Opus": "opus",
    b"ac-3": "ac3",
    b"ec-3": "eac3",
    b"alac": "alac",
}

# A phone's moov box is some hundred kilobytes; anything beyond this is not worth reading.
LARGEST_MOOV = 64 * 2**20


class Box(NamedTuple):
    """A box inside a larger run of bytes: its type and where its content lies."""

    kind: bytes
    start: int
    end: int


@dataclass(slots=True)
class _Track:
    handler: bytes = b""
    codec: str | None = None
    width: int = 0
    height: int = 0


def read_mp4(path: Path) -> dict[str, Any]:
    """``duration`` (whole seconds), ``width``, ``height``, ``bitRate`` and the codecs.

    A file that is no MP4, or a broken one, yields an empty dictionary.
    """
    try:
        with path.open("rb") as file:
            moov = _read_moov(file)
        return _describe(moov, path.stat().st_size) if moov else {}
    except (struct.error, IndexError, ValueError, OverflowError, OSError):
        return {}


def _read_moov(file: BinaryIO) -> bytes:
    """Step from one top-level box to the next until ``moov``, and read that."""
    while len(header := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", header)
        header_size = 8
        if size == 1:
            size, header_size = struct.unpack(">Q", file.read(8))[0], 16
        if kind == b"moov":
            # Size 0 means "to the end of the file".
            wanted = size - header_size if size else LARGEST_MOOV
            return file.read(wanted) if 0 < wanted <= LARGEST_MOOV else b""
        if size < header_size:
            break
        file.seek(size - header_size, 1)
    return b""


def _describe(moov: bytes, file_size: int) -> dict[str, Any]:
    duration, tracks = 0.0, []
    for box in _boxes(moov, 0, len(moov)):
        if box.kind == b"mvhd":
            duration = _movie_duration(moov, box)
        elif box.kind == b"trak":
            tracks.append(_track(moov, box))
    video = next((track for track in tracks if track.handler == b"vide"), None)
    audio = next((track for track in tracks if track.handler == b"soun"), None)
    described: dict[str, Any] = {}
    if video:
        described |= {"width": video.width, "height": video.height, "videoCodec": video.codec}
    if audio:
        described["audioCodec"] = audio.codec
    if duration:
        described |= {"duration": round(duration), "bitRate": round(file_size * 8 / duration)}
    return described


def _boxes(data: bytes, start: int, end: int) -> Iterator[Box]:
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        header_size = 8
        if size == 1:
            size, header_size = struct.unpack_from(">Q", data, start + 8)[0], 16
        stop = start + size if size else end
        if (size and size < header_size) or stop > end:
            return
        yield Box(kind, start + header_size, stop)
        start = stop


def _movie_duration(data: bytes, box: Box) -> float:
    """Seconds, from ``mvhd``: its second version has 64-bit times."""
    if data[box.start] == 1:
        timescale, duration = struct.unpack_from(">IQ", data, box.start + 20)
        unknown = 2**64 - 1
    else:
        timescale, duration = struct.unpack_from(">II", data, box.start + 12)
        unknown = 2**32 - 1
    if not timescale or duration == unknown:
        return 0.0
    return float(duration) / float(timescale)


def _track(data: bytes, trak: Box) -> _Track:
    track = _Track()
    for box in _walk(data, trak, into={b"mdia", b"minf", b"stbl"}):
        if box.kind == b"tkhd":
            # Width and height end the box, as 16.16 fixed-point numbers.
            track.width, track.height = (
                side >> 16 for side in struct.unpack_from(">II", data, box.end - 8)
            )
        elif box.kind == b"hdlr" and not track.handler:
            track.handler = data[box.start + 8 : box.start + 12]
        elif box.kind == b"stsd":
            # Version and flags, the number of entries, then the first entry: size and codec.
            code = data[box.start + 12 : box.start + 16]
            track.codec = CODECS.get(code, code.decode("ascii", "replace").strip())
    return track


def _walk(data: bytes, parent: Box, into: set[bytes]) -> Iterator[Box]:
    for box in _boxes(data, parent.start, parent.end):
        yield box
        if box.kind in into:
            yield from _walk(data, box, into)
