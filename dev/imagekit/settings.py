"""How one stand-in is set up, and what may be changed while it runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dev.imagekit.webhook_target import Target

MEBIBYTE = 2**20

ENVIRONMENT_NAMES = ("ENVIRONMENT", "APP_ENV", "ENV", "NODE_ENV", "PYTHON_ENV", "LITESTAR_ENV")
PRODUCTION_NAMES = frozenset({"production", "prod", "live"})


class ProductionError(RuntimeError):
    """The environment says production, where a stand-in would lose people's files."""


def refuse_production(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ``ProductionError`` when any usual variable calls this environment production."""
    for name in ENVIRONMENT_NAMES:
        if environment.get(name, "").strip().lower() in PRODUCTION_NAMES:
            message = f"the ImageKit stand-in does not run in production ({name} says so)"
            raise ProductionError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What stays the same while a stand-in runs."""

    data: Path
    public_base: str
    account: str = "demo"
    public_key: str = "public_test"
    private_key: str = field(default="private_test", repr=False)
    webhooks: tuple[Target, ...] = ()

    @property
    def url_endpoint(self) -> str:
        """Where files are delivered from, as ImageKit's dashboard calls it."""
        return f"{self.public_base}/{self.account}"


@dataclass(slots=True, kw_only=True)
class Limits:
    """The plan's limits and the account's switches; the control plane changes them.

    A rate of None means unlimited, as it is for most people most of the time.
    """

    video_bytes: int = 100 * MEBIBYTE
    other_bytes: int = 25 * MEBIBYTE
    folder_objects: int = 100_000
    file_versions: int = 100
    reads_per_second: int | None = None
    writes_per_second: int | None = None
    restrict_unsigned: bool = False
    # The CDN goes on serving what was deleted until somebody purges it.
    serve_deleted_until_purged: bool = False
    # Bulk deletion answers 207 and an error for these ids.
    undeletable: list[str] = field(default_factory=list)

    def change(self, changes: Mapping[str, Any]) -> None:
        """Set the named limits; an unknown name or a wrong kind of value raises ValueError."""
        known = {item.name for item in fields(self)}
        for name, value in changes.items():
            if name not in known:
                message = f"no such limit: {name}"
                raise ValueError(message)
            if not _fits(getattr(Limits(), name), name, value):
                message = f"not a value for {name}: {value!r}"
                raise ValueError(message)
        for name, value in changes.items():
            setattr(self, name, value)


def _fits(default: object, name: str, value: object) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if value is None:
        return name.endswith("_per_second")
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
