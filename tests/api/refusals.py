"""What a refusal looks like, and that it left nothing behind."""

from __future__ import annotations

import re
from typing import Any

import httpx
import psycopg

TABLES = (
    "public.videos",
    "public.video_likes",
    "public.video_comments",
    "public.user_blocks",
    "private.video_reports",
    "private.upload_tickets",
    "private.media_deletions",
)


class Unchanged:
    """Everything people wrote, as a number that any change changes."""

    def __init__(self, admin: psycopg.Connection[Any]) -> None:
        self._admin = admin
        self._before = self._digest()

    def _digest(self) -> list[Any]:
        return [
            self._admin.execute(
                f"select count(*), sum(hashtextextended(t::text, 0)) from {table} as t"
            ).fetchone()
            for table in TABLES
        ]

    def check(self) -> None:
        assert self._digest() == self._before


DATABASES_WORDS = re.compile(
    r"violates|constraint|relation|column|syntax|Failing row|_pkey|_fkey|_check|PL/pgSQL"
)


def refused_cleanly(answer: httpx.Response, status: int = 400, slug: str | None = None) -> str:
    """It is a typed error, without a word of the database's; gives the slug."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    error = body.get("error", body)
    assert set(error) == {"code", "message", "details", "hint"}
    assert not DATABASES_WORDS.search(answer.text), answer.text
    assert slug in {None, error["message"]}
    return str(error["message"])
