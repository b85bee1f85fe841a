"""One ImageKit account: its keys and where its three hosts answer."""

from __future__ import annotations

from dataclasses import dataclass, field

UPLOAD_BASE = "https://upload.imagekit.io"
API_BASE = "https://api.imagekit.io"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageKitAccount:
    """What signing and asking need to know; made once from the settings."""

    public_key: str
    # Whoever holds this key can delete every file, so no log line may show it.
    private_key: str = field(repr=False)
    url_endpoint: str
    upload_base: str = UPLOAD_BASE
    api_base: str = API_BASE
