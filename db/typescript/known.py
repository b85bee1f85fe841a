"""What the catalogue cannot say about results: written down here, and tested against the database.

A computed column of a view may be null as far as Postgres knows, a result column of a function may
not, and json is json.
"""

from collections.abc import Mapping

DECLARATIONS = """\
/** Who wrote a comment. Without a username people are called Unknown. */
export type Writer = {
  avatar: string | null
  username: string
}

/** Whose video it is. */
export type Owner = Writer & {
  verified: boolean
}
"""

SHAPES: Mapping[tuple[str, str], str] = {
    ("video_feed", "users"): "Owner",
    ("trending_videos", "users"): "Owner",
    ("video_comment_feed", "user"): "Writer",
}
"""The TypeScript type of json columns, by view and column."""

_VIDEO = ("views_count", "likes_count", "comments_count", "users", "liked_by_me", "expires_at")
NEVER_NULL: Mapping[str, tuple[str, ...]] = {
    "video_feed": _VIDEO,
    "trending_videos": (*_VIDEO, "cursor"),
    "video_comment_feed": ("user",),
}
"""Computed columns that always have a value, by view."""

NULLABLE_RESULTS: Mapping[str, tuple[str, ...]] = {"my_uploads": ("reason", "video_id")}
"""Result columns that may have none, by function."""

NULLABLE_ARGUMENTS: Mapping[str, tuple[str, ...]] = {"like_video": ("liked",)}
"""Arguments for which null means something that leaving them out does not, by function."""
