"""What a file is, by its first bytes, and what can be told about it."""

from __future__ import annotations

import json
import mimetypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

from dev.imagekit.mp4 import read_mp4
from dev.imagekit.pictures import picture_size

UNKNOWN = "application/octet-stream"

SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "video/ogg"),
)

# The brand in an ``ftyp`` box; every other brand is MP4.
BRANDS = {
    b"qt": "video/quicktime",
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heif",
    b"avif": "image/avif",
    b"M4A": "audio/mp4",
    b"3gp": "video/3gpp",
}


def mime_type(path: Path, name: str) -> str:
    """The type by the contents; only for text does the name count."""
    with path.open("rb") as file:
        head = file.read(64)
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return next((mime for key, mime in BRANDS.items() if brand.startswith(key)), "video/mp4")
    if head.startswith(b"\x1aE\xdf\xa3"):
        return "video/webm" if b"webm" in head else "video/x-matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    for signature, mime in SIGNATURES:
        if head.startswith(signature):
            return mime
    guessed = mimetypes.guess_type(name)[0] or UNKNOWN
    return guessed if guessed.startswith("text/") or guessed == "image/svg+xml" else UNKNOWN


def media_metadata(path: Path, mime: str) -> dict[str, Any]:
    """Width, height, and for videos duration, bit rate and codecs, as far as they are known.

    MP4, MOV and pictures need no program; ffprobe, where there is one, reads the rest.
    """
    if mime.startswith("image/"):
        size = picture_size(path)
        return {"width": size[0], "height": size[1]} if size else {}
    if not mime.startswith("video/"):
        return {}
    described = read_mp4(path)
    return described if {"width", "height", "duration"} <= described.keys() else _ffprobe(path)


def _ffprobe(path: Path) -> dict[str, Any]:
    program = shutil.which("ffprobe")
    if program is None:
        return {}
    arguments = ["-v", "error", "-print_format", "json", "-show_format", "-show_streams"]
    try:
        answer = subprocess.run(
            [program, *arguments, str(path)], capture_output=True, timeout=20, check=True
        )
        probed = json.loads(answer.stdout)
    except (subprocess.SubprocessError, ValueError):
        return {}
    described: dict[str, Any] = {}
    for stream in probed.get("streams", []):
        if stream.get("codec_type") == "video" and "videoCodec" not in described:
            described |= {
                "width": stream.get("width"),
                "height": stream.get("height"),
                "videoCodec": stream.get("codec_name"),
            }
        elif stream.get("codec_type") == "audio":
            described.setdefault("audioCodec", stream.get("codec_name"))
    form = probed.get("format", {})
    if described and "duration" in form:
        described["duration"] = round(float(form["duration"]))
        described["bitRate"] = int(form.get("bit_rate", 0))
    return described
