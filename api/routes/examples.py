"""Examples that the OpenAPI document shows; the same everywhere."""

from __future__ import annotations

from typing import Any

VIDEO_ID = "019a8f2e-5b00-7c3e-9d52-0a1b2c3d4e5f"
COMMENT_ID = "019a8f2e-9c40-7d11-8e2f-1a2b3c4d5e6f"
TRENDING_CURSOR = "29889135.10"
TICKET_ID = "019a8f2d-1400-7b22-a111-2b3c4d5e6f70"

VIDEO: dict[str, Any] = {
    "id": VIDEO_ID,
    "title": "Morning surf",
    "description": "Six foot and glassy.",
    "video_url": f"https://ik.imagekit.io/demo/videos/2026-11-24/08/{TICKET_ID}.mp4",
    "thumbnail_url": None,
    "views_count": 12,
    "likes_count": 3,
    "comments_count": 1,
    "created_at": "2026-11-24T08:15:30.123Z",
    "user_id": "8f14e45f-ceea-467f-a8c1-2f3d4a5b6c7d",
    "users": {"username": "ada", "avatar": None, "verified": False},
    "liked_by_me": False,
    "expires_at": "2026-12-08T08:15:30.123Z",
}
COMMENT: dict[str, Any] = {
    "id": COMMENT_ID,
    "text": "What a wave!",
    "created_at": "2026-11-24T08:16:02.500Z",
    "user_id": "c9f0f895-fb98-4b91-99f5-1fd0297e236d",
    "user": {"username": "bob", "avatar": None},
}
