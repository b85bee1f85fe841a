"""How ImageKit turns what clients ask for into the names and paths it uses."""

from __future__ import annotations

import re
import secrets

NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]")
FILE_ID = re.compile(r"[0-9a-f]{24}")


def new_id() -> str:
    """A file, folder or request id: 24 hexadecimal digits."""
    return secrets.token_hex(12)


def clean_name(name: str) -> str:
    """One path segment; what may not be in it becomes an underscore."""
    cleaned = NOT_IN_A_NAME.sub("_", name)
    # A segment of dots alone would mean another folder to whoever resolves the address.
    return cleaned if cleaned.strip(".") else "_" * len(cleaned)


def clean_folder(path: str) -> str:
    """A folder as it is stored: ``/`` or ``/a/b``, never with a slash at its end."""
    return "/" + "/".join(clean_name(segment) for segment in path.split("/") if segment)


def unique_name(name: str) -> str:
    """``clip.mp4`` as ``clip_x1Y2z3w4v.mp4``, as ``useUniqueFileName`` makes it."""
    stem, dot, extension = name.rpartition(".")
    suffix = re.sub(r"[^A-Za-z0-9]", "x", secrets.token_urlsafe(9))[:9]
    return f"{stem}_{suffix}.{extension}" if dot and stem else f"{name}_{suffix}"


def join(folder: str, name: str) -> str:
    """The path of ``name`` in ``folder``."""
    return f"{folder.rstrip('/')}/{name}"


def parent(path: str) -> str:
    """The folder that holds ``path``."""
    return path.rpartition("/")[0] or "/"


def ancestry(folder: str) -> list[str]:
    """``/a/b`` as ``["/a", "/a/b"]``: every folder that has to be there, the root aside."""
    segments = [segment for segment in folder.split("/") if segment]
    return ["/" + "/".join(segments[: depth + 1]) for depth in range(len(segments))]
