"""Playing files back, as phones and players do."""

from __future__ import annotations

import time
from typing import Any

import pytest
from imagekitio import ImageKit

from dev.imagekit.ranges import UnsatisfiableRangeError, requested_range
from tests.imagekit.phone import PICTURE, SAMPLES, VIDEO, Phone
from tests.imagekit.running import HTTP, RunningStandIn, running_standin

SIZE = len(VIDEO)


@pytest.fixture
def url(phone: Phone) -> str:
    """Where a video that was just uploaded is delivered."""
    return str(phone.upload()["url"])


def test_a_file_comes_back_as_it_went_up(url: str) -> None:
    answer = HTTP.get(url)
    assert answer.status_code == 200
    assert answer.content == VIDEO
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["accept-ranges"] == "bytes"
    assert "max-age=31536000" in answer.headers["cache-control"]
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-1023", 0, 1023),
        ("bytes=5000-5999", 5000, 5999),
        ("bytes=5000-", 5000, SIZE - 1),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        ("bytes=-999999", 0, SIZE - 1),
        ("bytes=100-999999", 100, SIZE - 1),
    ],
)
def test_a_range_is_delivered_alone(url: str, wanted: str, first: int, last: int) -> None:
    answer = HTTP.get(url, headers={"range": wanted})
    assert answer.status_code == 206
    assert answer.content == VIDEO[first : last + 1]
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", "bytes=999999-1999999", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(url: str, wanted: str) -> None:
    answer = HTTP.get(url, headers={"range": wanted})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{SIZE}"


@pytest.mark.parametrize(
    "wanted", ["bytes=9-1", "bytes=-", "bytes=a-b", "lines=0-5", "bytes=0-1,5-6"]
)
def test_a_range_that_makes_no_sense_is_ignored(url: str, wanted: str) -> None:
    answer = HTTP.get(url, headers={"range": wanted})
    assert (answer.status_code, answer.content) == (200, VIDEO)


def test_an_empty_file_has_no_ranges() -> None:
    assert requested_range(None, 0) is None
    for wanted in ("bytes=0-", "bytes=-5"):
        with pytest.raises(UnsatisfiableRangeError):
            requested_range(wanted, 0)


def test_a_head_request_tells_the_same_without_the_contents(url: str) -> None:
    for headers in ({}, {"range": "bytes=0-9"}):
        got, head = HTTP.get(url, headers=headers), HTTP.head(url, headers=headers)
        assert head.status_code == got.status_code
        assert head.content == b""
        for name in ("content-length", "content-type", "etag", "accept-ranges", "content-range"):
            assert head.headers.get(name) == got.headers.get(name), name


def test_other_methods_are_refused(url: str) -> None:
    assert HTTP.post(url).status_code == 405
    assert HTTP.delete(url).status_code == 405


def test_a_cached_copy_is_confirmed_and_a_stale_one_replaced(url: str) -> None:
    etag = HTTP.get(url).headers["etag"]
    unchanged = HTTP.get(url, headers={"if-none-match": etag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert HTTP.get(url, headers={"if-none-match": '"other"'}).content == VIDEO
    resumed = HTTP.get(url, headers={"range": "bytes=5-", "if-range": etag})
    assert (resumed.status_code, resumed.content) == (206, VIDEO[5:])
    replaced = HTTP.get(url, headers={"range": "bytes=5-", "if-range": '"other"'})
    assert (replaced.status_code, replaced.content) == (200, VIDEO)


def test_a_large_file_arrives_whole_and_in_ranges(phone: Phone) -> None:
    content = VIDEO + bytes(range(256)) * 12_000
    url = phone.upload(content=content)["url"]
    assert HTTP.get(url).content == content
    middle = HTTP.get(url, headers={"range": "bytes=1000000-2000000"})
    assert middle.content == content[1_000_000:2_000_001]


def test_a_reader_that_hangs_up_does_no_harm(phone: Phone) -> None:
    url = phone.upload(content=VIDEO + b"x" * 5_000_000)["url"]
    with HTTP.stream("GET", url) as answer:
        assert next(answer.iter_raw(1000))
    assert HTTP.get(url, headers={"range": "bytes=-3"}).content == b"xxx"


def test_a_file_that_is_deleted_while_it_is_asked_for_is_404(phone: Phone, url: str) -> None:
    for blob in phone.standin.blobs():
        blob.unlink()
    assert HTTP.get(url).status_code == 404


@pytest.mark.parametrize("path", ["/nothing.mp4", "/videos", "/", "", "/ik-thumbnail.jpg"])
def test_what_is_not_there_is_404(standin: RunningStandIn, path: str) -> None:
    assert HTTP.get(standin.url_endpoint + path).status_code == 404
    assert HTTP.get(f"{standin.base_url}/other{path}").status_code == 404


def test_transformations_are_accepted_and_change_nothing(phone: Phone) -> None:
    answer = phone.upload()
    path = answer["filePath"]
    for address in (f"/tr:w-300,q-50{path}", f"{path}?tr=w-300", f"{path}/ik-video.mp4"):
        assert HTTP.get(phone.standin.url_endpoint + address).content == VIDEO


def test_a_video_has_a_thumbnail(url: str) -> None:
    answer = HTTP.get(f"{url}/ik-thumbnail.jpg?tr=so-1")
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")


def test_a_video_has_a_thumbnail_without_any_program(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    with running_standin(tmp_path) as standin:
        url = Phone(standin).upload()["url"]
        picture = (SAMPLES / "thumbnail.jpg").read_bytes()
        assert HTTP.get(f"{url}/ik-thumbnail.jpg").content == picture


@pytest.mark.parametrize(
    ("manifest", "mime", "says"),
    [
        ("ik-master.m3u8", "application/vnd.apple.mpegurl", "RESOLUTION=180x320"),
        ("ik-master.mpd", "application/dash+xml", 'mediaPresentationDuration="PT2S"'),
    ],
)
def test_an_adaptive_stream_is_not_ready_when_first_asked_for(
    url: str, manifest: str, mime: str, says: str
) -> None:
    first = HTTP.get(f"{url}/{manifest}?tr=sr-240_360")
    assert (first.status_code, first.content) == (202, b"")
    second = HTTP.get(f"{url}/{manifest}?tr=sr-240_360")
    assert second.status_code == 200
    assert second.headers["content-type"] == mime
    assert says in second.text
    assert url in second.text


def test_a_private_file_needs_a_signed_address(phone: Phone, sdk: ImageKit) -> None:
    answer = phone.upload(phone.fields(isPrivateFile="true"))
    assert HTTP.get(answer["url"]).status_code == 401

    def address(**options: Any) -> str:
        return str(
            sdk.helper.build_url(
                src=answer["filePath"], url_endpoint=phone.standin.url_endpoint, **options
            )
        )

    assert HTTP.get(address(signed=True)).content == VIDEO
    assert HTTP.get(address(expires_in=60)).content == VIDEO
    assert HTTP.get(address(signed=True, transformation=[{"width": 300}])).content == VIDEO
    assert HTTP.get(address(signed=True) + "0").status_code == 401
    assert HTTP.get(address(signed=True) + "&more=1").status_code == 401
    expiring = address(expires_in=60)
    later = expiring.replace("ik-t=", "ik-t=9")
    assert HTTP.get(later).status_code == 401
    phone.standin.set_clock(61)
    assert HTTP.get(expiring).status_code == 401


def test_a_wrong_signature_is_refused_even_for_a_public_file(url: str) -> None:
    assert HTTP.get(f"{url}?ik-s={'0' * 40}").status_code == 401
    assert HTTP.get(f"{url}?ik-s=").status_code == 401
    assert HTTP.get(f"{url}?ik-t=soon&ik-s=é").status_code == 401


def test_an_account_may_refuse_everything_unsigned(phone: Phone, url: str) -> None:
    phone.standin.limit(restrict_unsigned=True)
    assert HTTP.get(url).status_code == 401
    phone.standin.limit(restrict_unsigned=False)
    assert HTTP.get(url).status_code == 200


def test_the_collected_addresses_are_signed_as_we_check_them(
    tmp_path: Any, collected_standin: RunningStandIn, vectors: dict[str, Any]
) -> None:
    cases = vectors["delivery_url_signature"]["cases"]
    checked = 0
    with running_standin(tmp_path, private_key="dummy-key") as upstream:
        standins = {one.private_key: one for one in (upstream, collected_standin)}
        for standin in standins.values():
            standin.control("POST", "/reset")
            # The pinned moment of those that expire.
            standin.set_clock(1_795_350_000 - time.time())
            standin.limit(restrict_unsigned=True)
        for case in cases:
            standin = standins[case["private_key"]]
            endpoint = case["url_endpoint"].rstrip("/")
            url = case.get("url") or f"{case['url_unsigned']}?ik-s={case['ik_s']}"
            # A good signature gets as far as the file, which is not there.
            address = url.replace(endpoint, standin.url_endpoint)
            assert HTTP.get(address).status_code == 404, case["source"]
            assert HTTP.get(address[:-1] + "x").status_code == 401, case["source"]
            checked += 1
    assert checked == 12


def test_a_picture_is_delivered_as_what_it_is(phone: Phone) -> None:
    answer = HTTP.get(phone.upload(content=PICTURE)["url"])
    assert answer.headers["content-type"] == "image/jpeg"
