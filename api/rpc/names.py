"""How PostgREST writes columns, and paths into their JSON, in a query string."""

from __future__ import annotations

import re
from dataclasses import dataclass

# A bare name may hold spaces and single dashes; any other goes in double quotes.
NAME = r'\s*"(?:[^"\\]|\\.)*"\s*|[\w$ ]+(?:-(?!>)[\w$ ]+)*'
_KEY = r'"(?:[^"\\]|\\.)*"|[^-:.,>()"]+(?:-(?!>)[^-:.,>()"]+)*'
PATH = rf"(?:->>?(?:-?[0-9]+(?=->|::|\.|,|$)|{_KEY}))*"
FIELD = rf"(?:{NAME}){PATH}"

_FIELD = re.compile(rf"(?P<name>{NAME})(?P<path>{PATH})")
_STEP = re.compile(rf"(?P<arrow>->>?)(?:(?P<index>-?[0-9]+)(?=->|$)|(?P<key>{_KEY}))")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
# What Postgres can count to in a document.
_MAX_INDEX_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow into a document. What it points at is a parameter of the statement."""

    as_text: bool
    is_index: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or what a path finds in it."""

    column: str
    path: tuple[Step, ...] = ()


def bare(name: str) -> str:
    """Return the name without what wraps it."""
    name = name.strip()
    if not name.startswith('"'):
        return name
    inside = name[1:-1]
    return _ESCAPED.sub(r"\1", inside) if "\\" in inside else inside


def field(text: str) -> tuple[Field, tuple[str, ...]] | None:
    """Return a field and the keys of its path, or None where it is none."""
    whole = _FIELD.fullmatch(text)
    if whole is None:
        return None
    steps = []
    keys = []
    for step in _STEP.finditer(whole["path"]):
        index = step["index"]
        if index is not None and len(index) > _MAX_INDEX_DIGITS:
            return None
        steps.append(Step(step["arrow"] == "->>", index is not None))
        keys.append(bare(step["key"]) if index is None else index)
    return Field(bare(whole["name"]), tuple(steps)), tuple(keys)
