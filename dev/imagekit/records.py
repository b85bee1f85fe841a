"""Files and folders as the stand-in stores them, and as ImageKit describes them."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from dev.imagekit.clock import milliseconds
from dev.imagekit.naming import join

MEDIA_KEYS = ("width", "height", "duration", "bitRate", "videoCodec", "audioCodec")

ON_REQUEST = (
    "tags",
    "customCoordinates",
    "isPrivateFile",
    "isPublished",
    "customMetadata",
    "description",
)
"""What ``responseFields`` can add to the answer of an upload; ``metadata`` is made apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file in its current version."""

    file_id: str
    folder: str
    name: str
    version_id: str
    etag: str
    size: int
    mime: str
    media: dict[str, Any]
    created_at: str
    updated_at: str
    version: int = 1
    # Filled in when the contents are kept.
    blob: str = ""
    tags: list[str] = field(default_factory=list)
    custom_metadata: dict[str, Any] = field(default_factory=dict)
    custom_coordinates: str | None = None
    description: str | None = None
    is_private: bool = False
    is_published: bool = True

    @classmethod
    def from_row(cls, row: sqlite3.Row) -> FileRecord:
        """Read a row of ``files``."""
        values = {name: row[name] for name in cls.__slots__}
        for name in ("media", "tags", "custom_metadata"):
            values[name] = json.loads(values[name])
        for name in ("is_private", "is_published"):
            values[name] = bool(values[name])
        return cls(**values)

    def to_row(self) -> dict[str, Any]:
        """The columns of ``files``."""
        values = {name: getattr(self, name) for name in self.__slots__}
        for name in ("media", "tags", "custom_metadata"):
            values[name] = json.dumps(values[name])
        return values

    @property
    def path(self) -> str:
        """The file's path, from the root."""
        return join(self.folder, self.name)

    @property
    def is_image(self) -> bool:
        """Whether ImageKit treats it as a picture."""
        return self.mime.startswith("image/")

    def url(self, url_endpoint: str) -> str:
        """Where it is delivered."""
        return url_endpoint + self.path

    def thumbnail(self, url_endpoint: str) -> str:
        """Where a small picture of it is delivered."""
        suffix = "?tr=n-ik_ml_thumbnail" if self.is_image else "/ik-thumbnail.jpg"
        return self.url(url_endpoint) + suffix

    def details(self, url_endpoint: str) -> dict[str, Any]:
        """The answer of "get file details", and an entry of the list."""
        return {
            "type": "file",
            "name": self.name,
            "createdAt": self.created_at,
            "updatedAt": self.updated_at,
            "fileId": self.file_id,
            "tags": self.tags or None,
            "AITags": None,
            "versionInfo": self.version_info(),
            "embeddedMetadata": {},
            "isPublished": self.is_published,
            "customCoordinates": self.custom_coordinates,
            "customMetadata": self.custom_metadata,
            "isPrivateFile": self.is_private,
            "url": f"{self.url(url_endpoint)}?updatedAt={milliseconds(self.updated_at)}",
            "thumbnail": self.thumbnail(url_endpoint),
            "fileType": "image" if self.is_image else "non-image",
            "filePath": self.path,
            "size": self.size,
            "mime": self.mime,
            "hasAlpha": False,
            **({"description": self.description} if self.description is not None else {}),
            **self.media,
        }

    def upload_answer(self, url_endpoint: str, response_fields: set[str]) -> dict[str, Any]:
        """The answer of a successful upload."""
        answer = {
            "fileId": self.file_id,
            "name": self.name,
            "size": self.size,
            "versionInfo": self.version_info(),
            "filePath": self.path,
            "url": self.url(url_endpoint),
            "fileType": "image" if self.is_image else "non-image",
            "AITags": None,
            **self.media,
        }
        if self.is_image:
            answer["thumbnailUrl"] = self.thumbnail(url_endpoint)
        details = self.details(url_endpoint)
        answer |= {key: details.get(key) for key in ON_REQUEST if key in response_fields}
        if "metadata" in response_fields:
            answer["metadata"] = {**self.media, "size": self.size}
        return answer

    def version_info(self) -> dict[str, str]:
        """Which version this is, in ImageKit's words."""
        return {"id": self.version_id, "name": f"Version {self.version}"}


def folder_details(row: sqlite3.Row) -> dict[str, Any]:
    """A folder as the list and the events describe it."""
    return {
        "type": "folder",
        "name": row["name"],
        "createdAt": row["created_at"],
        "updatedAt": row["created_at"],
        "folderId": row["folder_id"],
        "folderPath": row["path"],
        "customMetadata": {},
    }
