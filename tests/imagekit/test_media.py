"""What is read from files without any program's help."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from dev.imagekit.media import media_metadata, mime_type
from dev.imagekit.mp4 import read_mp4
from tests.imagekit.phone import SAMPLES, VIDEO

ABOUT_THE_SAMPLE = {
    "width": 180,
    "height": 320,
    "duration": 2,
    "videoCodec": "h264",
    "audioCodec": "aac",
}


@pytest.fixture(autouse=True)
def no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without ffmpeg."""
    monkeypatch.setenv("PATH", "")


def written(directory: Path, content: bytes) -> Path:
    path = directory / "file"
    path.write_bytes(content)
    return path


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def top_level(content: bytes) -> list[bytes]:
    """The boxes a file is made of, whole."""
    found, position = [], 0
    while position < len(content):
        size = struct.unpack_from(">I", content, position)[0]
        found.append(content[position : position + size])
        position += size
    return found


def test_the_sample_video_is_described() -> None:
    sample = SAMPLES / "sample.mp4"
    described = media_metadata(sample, mime_type(sample, "anything"))
    assert described == {**ABOUT_THE_SAMPLE, "bitRate": len(VIDEO) * 8 // 2}


def test_a_description_at_the_end_of_the_file_is_found_as_well(tmp_path: Path) -> None:
    boxes = top_level(VIDEO)
    assert boxes[1][4:8] == b"moov", "the sample is meant to begin with its description"
    recorded_by_a_phone = written(tmp_path, b"".join([boxes[0], *boxes[2:], boxes[1]]))
    assert read_mp4(recorded_by_a_phone).items() >= ABOUT_THE_SAMPLE.items()


def test_large_boxes_with_64_bit_sizes_are_stepped_over(tmp_path: Path) -> None:
    boxes = top_level(VIDEO)
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"12345"
    path = written(tmp_path, boxes[0] + large + boxes[1])
    assert read_mp4(path)["duration"] == 2


def test_long_recordings_have_64_bit_times(tmp_path: Path) -> None:
    times = struct.pack(">QQIQ", 0, 0, 90_000, 90_000 * 7201)
    path = written(tmp_path, box(b"moov", box(b"mvhd", b"\1\0\0\0", times)))
    assert read_mp4(path)["duration"] == 7201


def test_a_live_recording_without_a_length_has_no_duration(tmp_path: Path) -> None:
    times = struct.pack(">IIII", 0, 0, 1000, 2**32 - 1)
    path = written(tmp_path, box(b"moov", box(b"mvhd", b"\0\0\0\0", times)))
    assert read_mp4(path) == {}


@pytest.mark.parametrize("kept", [0, 4, 8, 30, 60, 400])
def test_a_video_that_breaks_off_is_described_by_nothing_wrong(tmp_path: Path, kept: int) -> None:
    described = read_mp4(written(tmp_path, VIDEO[:kept]))
    assert described.items() <= {**ABOUT_THE_SAMPLE, "bitRate": kept * 4}.items()


@pytest.mark.parametrize(
    "content",
    [
        box(b"ftyp", b"isom") + b"not a box at all",
        struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1) + b"x" * 20,
        struct.pack(">I4s", 3, b"free") + b"x" * 20,
        box(b"moov", struct.pack(">I4s", 2**31, b"trak")),
        box(b"moov", box(b"mvhd", b"\0")),
    ],
)
def test_nonsense_is_described_by_nothing(tmp_path: Path, content: bytes) -> None:
    assert read_mp4(written(tmp_path, content)) == {}


@pytest.mark.parametrize(
    ("head", "name", "mime"),
    [
        (box(b"ftyp", b"isom"), "x.txt", "video/mp4"),
        (box(b"ftyp", b"qt  "), "x.mp4", "video/quicktime"),
        (box(b"ftyp", b"heic"), "x.mp4", "image/heic"),
        (b"\x1aE\xdf\xa3\x01\x42\x82\x84webm", "x.mp4", "video/webm"),
        (b"\x1aE\xdf\xa3\x01\x42\x82\x88matroska", "x.mp4", "video/x-matroska"),
        (b"GIF89a", "x.mp4", "image/gif"),
        (b"RIFF\0\0\0\0WEBP", "x.mp4", "image/webp"),
        (b"hello", "x.txt", "text/plain"),
        (b"hello", "x.mp4", "application/octet-stream"),
        (b"", "x.mp4", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_first_bytes_say(
    tmp_path: Path, head: bytes, name: str, mime: str
) -> None:
    assert mime_type(written(tmp_path, head), name) == mime


@pytest.mark.parametrize(
    ("content", "size"),
    [
        ((SAMPLES / "thumbnail.jpg").read_bytes(), (90, 160)),
        ((SAMPLES / "avatar.png").read_bytes(), (64, 64)),
        (b"GIF89a" + struct.pack("<HH", 3, 5), (3, 5)),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x02\0\0\x04\0\0", (3, 5)),
        (b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 5 + struct.pack("<I", 2 | 4 << 14), (3, 5)),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + struct.pack("<HH", 3, 5), (3, 5)),
    ],
)
def test_pictures_know_their_size(tmp_path: Path, content: bytes, size: tuple[int, int]) -> None:
    path = written(tmp_path, content)
    described = media_metadata(path, mime_type(path, ""))
    assert described == {"width": size[0], "height": size[1]}


@pytest.mark.parametrize("kept", [3, 10, 30])
def test_a_picture_that_breaks_off_has_no_size(tmp_path: Path, kept: int) -> None:
    content = (SAMPLES / "thumbnail.jpg").read_bytes()[:kept]
    assert media_metadata(written(tmp_path, content), "image/jpeg") == {}
