"""Filling the media library without uploading anything."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from dev.imagekit.media import media_metadata, mime_type
from dev.imagekit.naming import clean_folder, clean_name, new_id
from dev.imagekit.records import FileRecord
from dev.imagekit.standin import StandIn

SAMPLE_VIDEO = Path(__file__).parent / "samples" / "sample.mp4"


@dataclass(frozen=True, slots=True)
class ManyFiles:
    """Names of files to be, all in one folder."""

    folder: str
    names: list[str]


def add_sample_files(standin: StandIn, wanted: ManyFiles) -> list[str]:
    """Add copies of the sample video; returns their ids in the order of the names."""
    mime, now = mime_type(SAMPLE_VIDEO, SAMPLE_VIDEO.name), standin.clock.timestamp()
    contents = SAMPLE_VIDEO.read_bytes()
    folder, etag = clean_folder(wanted.folder), hashlib.sha256(contents).hexdigest()[:32]
    media = media_metadata(SAMPLE_VIDEO, mime)
    records = []
    for name in wanted.names:
        file_id = new_id()
        record = FileRecord(
            file_id=file_id,
            folder=folder,
            name=clean_name(name),
            version_id=file_id,
            etag=etag,
            size=len(contents),
            mime=mime,
            media=media,
            created_at=now,
            updated_at=now,
        )
        records.append(record)
    standin.store.save_copies(records, SAMPLE_VIDEO)
    return [record.file_id for record in records]
