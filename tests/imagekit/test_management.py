"""The management API, through the official SDK as it comes."""

from __future__ import annotations

import asyncio
from typing import Any

import imagekitio
import pytest
from imagekitio import AsyncImageKit, ImageKit

from tests.imagekit.phone import PICTURE, VIDEO, Phone
from tests.imagekit.running import HTTP, RunningStandIn

UNKNOWN_ID = "0" * 24


def uploaded(sdk: ImageKit, name: str, folder: str = "/a", content: bytes = VIDEO) -> str:
    """The id of a file the server itself uploaded."""
    answer = sdk.files.upload(
        file=content, file_name=name, folder=folder, use_unique_file_name=False
    )
    assert answer.file_id
    return answer.file_id


def names(sdk: ImageKit, **query: Any) -> list[str | None]:
    return [asset.name for asset in sdk.assets.list(**query)]


def body(error: imagekitio.APIError) -> dict[str, Any]:
    assert isinstance(error.body, dict)
    return error.body


def test_details_are_complete(sdk: ImageKit, phone: Phone) -> None:
    answer = phone.upload(phone.fields(fileName="ada.mp4", tags="t_1", folder="/a/b"))
    raw = sdk.files.with_raw_response.get(answer["fileId"]).http_response
    details = raw.json()
    created, updated = details.pop("createdAt"), details.pop("updatedAt")
    assert created == updated
    assert created.endswith("Z")
    url = details.pop("url")
    assert url.startswith(f"{answer['url']}?updatedAt=")
    assert details == {
        "type": "file",
        "fileId": answer["fileId"],
        "name": "ada.mp4",
        "filePath": "/a/b/ada.mp4",
        "tags": ["t_1"],
        "AITags": None,
        "versionInfo": {"id": answer["fileId"], "name": "Version 1"},
        "embeddedMetadata": {},
        "isPublished": True,
        "isPrivateFile": False,
        "customCoordinates": None,
        "customMetadata": {},
        "thumbnail": f"{answer['url']}/ik-thumbnail.jpg",
        "fileType": "non-image",
        "mime": "video/mp4",
        "size": len(VIDEO),
        "hasAlpha": False,
        "width": 180,
        "height": 320,
        "duration": 2,
        "bitRate": len(VIDEO) * 4,
        "videoCodec": "h264",
        "audioCodec": "aac",
    }
    assert raw.headers["x-ik-requestid"]


def test_an_unknown_file_is_404_and_a_malformed_id_400(sdk: ImageKit) -> None:
    for call in (sdk.files.get, sdk.files.delete):
        with pytest.raises(imagekitio.NotFoundError, match="requested file does not exist"):
            call(UNKNOWN_ID)
        for malformed in ("nonsense", UNKNOWN_ID + "0", "..%2F", "A" * 24):
            with pytest.raises(imagekitio.BadRequestError, match="invalid fileId parameter"):
                call(malformed)


@pytest.mark.parametrize(("key", "status"), [("private_wrong", 403), ("", 403), (None, 401)])
def test_every_management_call_needs_the_private_key(
    standin: RunningStandIn, key: str | None, status: int
) -> None:
    calls = [
        ("GET", f"/v1/files/{UNKNOWN_ID}/details"),
        ("GET", "/v1/files"),
        ("DELETE", f"/v1/files/{UNKNOWN_ID}"),
        ("POST", "/v1/files/batch/deleteByFileIds"),
        ("POST", "/v1/folder"),
        ("DELETE", "/v1/folder"),
        ("POST", "/v1/files/purge"),
        ("GET", f"/v1/files/purge/{UNKNOWN_ID}"),
    ]
    auth = None if key is None else (key, "do_not_set")
    for method, path in calls:
        answer = HTTP.request(method, standin.base_url + path, auth=auth)
        assert answer.status_code == status, path
        assert answer.json().keys() == {"message", "help"}


def test_the_server_uploads_with_its_key_through_both_apis(sdk: ImageKit) -> None:
    first = sdk.files.upload(
        file=VIDEO, file_name="a.mp4", tags=["x", "y"], response_fields=["tags", "metadata"]
    )
    second = sdk.beta.v2.files.upload(file=PICTURE, file_name="a.jpg", use_unique_file_name=False)
    assert (first.tags, first.duration) == (["x", "y"], 2)
    assert sdk.files.get(str(first.file_id)).name == first.name
    assert (second.file_path, second.width, second.height) == ("/a.jpg", 90, 160)
    assert second.thumbnail_url


def test_a_list_is_of_one_folder_and_not_of_those_below(sdk: ImageKit) -> None:
    for folder, name in (("/a", "1.mp4"), ("/a", "2.mp4"), ("/a/b", "3.mp4"), ("/ab", "4.mp4")):
        uploaded(sdk, name, folder)
    assert names(sdk, path="/a") == ["1.mp4", "2.mp4"]
    assert names(sdk, path="a/") == ["1.mp4", "2.mp4"]
    assert names(sdk, path="/nowhere") == []
    assert names(sdk, path="/a", type="folder") == ["b"]
    assert names(sdk, path="/a", type="all") == ["b", "1.mp4", "2.mp4"]
    assert names(sdk) == ["1.mp4", "2.mp4", "3.mp4", "4.mp4"]
    assert names(sdk, type="folder") == ["a", "b", "ab"]
    described = sdk.assets.list(path="/a", type="folder")[0].to_dict()
    assert (described["folderPath"], described["type"]) == ("/a/b", "folder")


def test_a_list_is_paged_sorted_and_searched(sdk: ImageKit) -> None:
    for name, content in (("b.mp4", VIDEO), ("a.jpg", PICTURE), ("c.mp4", VIDEO)):
        uploaded(sdk, name, content=content)
    assert names(sdk, sort="ASC_NAME") == ["a.jpg", "b.mp4", "c.mp4"]
    assert names(sdk, sort="DESC_SIZE")[-1] == "a.jpg"
    assert names(sdk, sort="DESC_DURATION")[-1] == "a.jpg"
    assert names(sdk, sort="ASC_NAME", skip=1, limit=1) == ["b.mp4"]
    assert names(sdk, sort="ASC_NAME", type="all", skip=1, limit=1) == ["a.jpg"]
    assert names(sdk, file_type="image") == ["a.jpg"]
    assert names(sdk, file_type="non-image", sort="ASC_NAME") == ["b.mp4", "c.mp4"]
    assert names(sdk, path="/a", search_query='name = "c.mp4"') == ["c.mp4"]
    assert names(sdk, path="/a", search_query='name = "a"') == []
    # As documented, the search makes "type" count for nothing.
    assert names(sdk, search_query='name = "a"', type="file") == ["a"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"limit": 1001}, "Maximum value of limit parameter is 1000. Value sent is 1001."),
        ({"skip": -1}, "Your request contains invalid skip parameter."),
        ({"type": "nonsense"}, "Your request contains invalid type parameter."),
        ({"sort": "ASC_NONSENSE"}, "Your request contains invalid sort parameter."),
        ({"search_query": "size > 5"}, "understands no searchQuery"),
    ],
)
def test_a_list_that_makes_no_sense_is_refused(
    sdk: ImageKit, query: dict[str, Any], message: str
) -> None:
    with pytest.raises(imagekitio.BadRequestError, match=message):
        sdk.assets.list(**query)


def test_a_deleted_file_is_gone_from_disk(sdk: ImageKit, standin: RunningStandIn) -> None:
    file_id = uploaded(sdk, "1.mp4")
    url = str(sdk.files.get(file_id).url)
    assert HTTP.get(url).content == VIDEO
    sdk.files.delete(file_id)
    assert standin.blobs() == []
    assert HTTP.get(url).status_code == 404
    with pytest.raises(imagekitio.NotFoundError):
        sdk.files.delete(file_id)
    last = standin.control("GET", "/events")[-1]
    assert (last["type"], last["data"]) == ("file.deleted", {"fileId": file_id})


def test_many_are_deleted_at_once_or_none_when_one_is_missing(
    sdk: ImageKit, standin: RunningStandIn
) -> None:
    file_ids = [uploaded(sdk, f"{number}.mp4") for number in range(3)]
    with pytest.raises(imagekitio.NotFoundError) as raised:
        sdk.files.bulk.delete(file_ids=[*file_ids, UNKNOWN_ID, "nonsense"])
    assert body(raised.value)["missingFileIds"] == [UNKNOWN_ID, "nonsense"]
    assert len(standin.blobs()) == 3
    answer = sdk.files.bulk.delete(file_ids=[*file_ids, file_ids[0]])
    assert answer.successfully_deleted_file_ids == file_ids
    assert standin.blobs() == []


def test_what_cannot_be_deleted_is_reported_beside_what_was(
    sdk: ImageKit, standin: RunningStandIn
) -> None:
    stuck, free = uploaded(sdk, "1.mp4"), uploaded(sdk, "2.mp4")
    standin.limit(undeletable=[stuck])
    answer = sdk.files.bulk.with_raw_response.delete(file_ids=[stuck, free]).http_response
    assert answer.status_code == 207
    assert answer.json() == {
        "successfullyDeletedFileIds": [free],
        "errors": [{"fileId": stuck, "error": "The file could not be deleted."}],
    }
    assert names(sdk) == ["1.mp4"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "fileIds parameter is missing."),
        ({"fileIds": "x"}, "fileIds should be an Array."),
        ({"fileIds": []}, "fileIds is empty."),
        ({"fileIds": ["x"] * 101}, "fileIds cannot have more than 100 items."),
        ({"fileIds": [1]}, "Your request contains invalid fileIds parameter."),
        ([], "fileIds parameter is missing."),
    ],
)
def test_a_bulk_deletion_that_makes_no_sense_is_refused(
    standin: RunningStandIn, sent: Any, message: str
) -> None:
    answer = HTTP.post(
        f"{standin.base_url}/v1/files/batch/deleteByFileIds",
        json=sent,
        auth=(standin.private_key, ""),
    )
    assert (answer.status_code, answer.json()["message"]) == (400, message)


def test_a_folder_goes_with_all_that_is_below_it(sdk: ImageKit, standin: RunningStandIn) -> None:
    for folder in ("/v/1", "/v/1/x/y", "/v/10", "/v"):
        uploaded(sdk, "f.mp4", folder)
    sdk.folders.create(folder_name="empty", parent_folder_path="/v/1")
    sdk.folders.delete(folder_path="/v/1")
    assert names(sdk, type="folder") == ["v", "10"]
    assert [asset.to_dict()["filePath"] for asset in sdk.assets.list()] == [
        "/v/10/f.mp4",
        "/v/f.mp4",
    ]
    assert len(standin.blobs()) == 2
    with pytest.raises(imagekitio.NotFoundError) as raised:
        sdk.folders.delete(folder_path="/v/1")
    assert body(raised.value)["reason"] == "FOLDER_NOT_FOUND"
    assert body(raised.value)["message"] == "No folder found with folderPath /v/1"


def test_the_root_cannot_be_deleted(sdk: ImageKit) -> None:
    uploaded(sdk, "1.mp4", "/")
    for path in ("/", "//"):
        with pytest.raises(imagekitio.NotFoundError):
            sdk.folders.delete(folder_path=path)
    assert names(sdk) == ["1.mp4"]


def test_a_folder_with_too_many_objects_stays(sdk: ImageKit, standin: RunningStandIn) -> None:
    # Two files, one of them in two versions, and a folder: four objects.
    for name, folder in (("1.mp4", "/v"), ("2.mp4", "/v/below"), ("1.mp4", "/v")):
        uploaded(sdk, name, folder)
    standin.limit(folder_objects=3)
    with pytest.raises(imagekitio.BadRequestError) as raised:
        sdk.folders.delete(folder_path="/v")
    assert body(raised.value)["reason"] == "TOO_MANY_OBJECTS"
    assert names(sdk, sort="ASC_NAME") == ["1.mp4", "2.mp4"]
    standin.limit(folder_objects=4)
    sdk.folders.delete(folder_path="/v")
    assert standin.control("GET")["rows"]["folders"] == 0


def test_folders_can_be_made(sdk: ImageKit) -> None:
    sdk.folders.create(folder_name="new one", parent_folder_path="/a/b")
    sdk.folders.create(folder_name="new one", parent_folder_path="/a/b")
    assert names(sdk, path="/a/b", type="folder") == ["new_one"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"folderPath": 5}'])
def test_a_folder_deletion_without_a_path_is_refused(
    standin: RunningStandIn, content: bytes
) -> None:
    answer = HTTP.request(
        "DELETE",
        f"{standin.base_url}/v1/folder",
        content=content,
        headers={"content-type": "application/json"},
        auth=(standin.private_key, ""),
    )
    assert answer.status_code == 400


def test_the_cdn_serves_a_deleted_file_until_it_is_purged(
    sdk: ImageKit, standin: RunningStandIn
) -> None:
    standin.limit(serve_deleted_until_purged=True)
    kept = uploaded(sdk, "1.mp4", "/v/2026-11-22")
    sdk.files.delete(kept)
    url = f"{standin.url_endpoint}/v/2026-11-22/1.mp4"
    assert HTTP.get(url).content == VIDEO
    assert HTTP.get(f"{url}/ik-thumbnail.jpg").headers["content-type"] == "image/jpeg"
    assert HTTP.get(f"{url}/ik-master.m3u8").status_code == 404
    # Deleted, uploaded and deleted again: still one copy.
    sdk.files.delete(uploaded(sdk, "1.mp4", "/v/2026-11-22", PICTURE))
    assert HTTP.get(url, headers={"range": "bytes=0-1"}).content == PICTURE[:2]
    assert len(standin.blobs()) == 1

    sdk.cache.invalidation.create(url=f"{standin.url_endpoint}/v/2026-11-23*")
    assert HTTP.get(url).status_code == 200
    requested = sdk.cache.invalidation.create(url=f"{standin.url_endpoint}/v/2026-11-22*")
    assert sdk.cache.invalidation.get(str(requested.request_id)).status == "Completed"
    assert HTTP.get(url).status_code == 404
    assert standin.blobs() == []
    assert len(standin.control("GET", "/purges")) == 2


@pytest.mark.parametrize("path", ["/*", "/short*", "/v/*/1.mp4", ""])
def test_a_purge_of_too_much_is_refused(sdk: ImageKit, standin: RunningStandIn, path: str) -> None:
    with pytest.raises(imagekitio.BadRequestError):
        sdk.cache.invalidation.create(url=standin.url_endpoint + path)
    with pytest.raises(imagekitio.BadRequestError):
        sdk.cache.invalidation.create(url=f"https://ik.imagekit.io/other{path}")
    with pytest.raises(imagekitio.BadRequestError):
        sdk.cache.invalidation.get(UNKNOWN_ID)


def test_the_asynchronous_sdk_is_understood_as_well(standin: RunningStandIn) -> None:
    async def life() -> None:
        async with AsyncImageKit(
            private_key=standin.private_key, base_url=standin.base_url, max_retries=0
        ) as sdk:
            answers = await asyncio.gather(
                *(
                    sdk.files.upload(file=VIDEO, file_name=f"{number}.mp4", folder="/a")
                    for number in range(4)
                )
            )
            file_ids = [str(answer.file_id) for answer in answers]
            assert (await sdk.files.get(file_ids[0])).to_dict()["mime"] == "video/mp4"
            assert len(await sdk.assets.list(path="/a")) == 4
            await sdk.files.delete(file_ids[0])
            with pytest.raises(imagekitio.NotFoundError) as raised:
                await sdk.files.bulk.delete(file_ids=file_ids)
            assert body(raised.value)["missingFileIds"] == file_ids[:1]
            await sdk.files.bulk.delete(file_ids=file_ids[1:3])
            standin.limit(folder_objects=0)
            with pytest.raises(imagekitio.BadRequestError) as refused:
                await sdk.folders.delete(folder_path="/a")
            assert body(refused.value)["reason"] == "TOO_MANY_OBJECTS"
            standin.limit(folder_objects=1)
            await sdk.folders.delete(folder_path="/a")
            assert await sdk.assets.list(type="all") == []

    asyncio.run(life())
    assert standin.blobs() == []
