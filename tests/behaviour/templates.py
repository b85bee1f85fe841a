"""A call of every function that clients may execute, and the rows they may write directly.

$video is a video in each state; $comment is a comment on it of the one who calls, $other one of
somebody else, $me the caller. A function is named as Postgres prints it, with the types of its
arguments.
"""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """A call of a function of the contract, for SQL and for HTTP alike."""

    function: str
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def statement(self) -> str:
        """The call as a statement's FROM has it."""
        named = ", ".join(f"{name} => {_literal(value)}" for name, value in self.arguments.items())
        return f"{self.function}({named})"

    @property
    def needs_a_video(self) -> bool:
        """Whether it is tried with a video in each state."""
        return "video_id" in self.arguments


@dataclass(frozen=True)
class Insert:
    """A row as a client writes it, for SQL and for HTTP alike."""

    row: dict[str, Any]

    @property
    def template(self) -> str:
        """What follows the table's name in a statement."""
        values = ", ".join(_literal(value) for value in self.row.values())
        return f"({', '.join(self.row)}) values ({values})"

    @property
    def needs_a_video(self) -> bool:
        """Whether it is tried with a video in each state."""
        return "video_id" in self.row


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return value if value.startswith("$") else f"'{value}'"
    return json.dumps(value)


VIDEO = {"video_id": "$video"}
CONTRACT: dict[str, tuple[Call, ...]] = {
    "add_video_comment(uuid,text,uuid)": (Call("add_video_comment", VIDEO | {"text": "hello"}),),
    "block_user(text)": (
        Call("block_user", {"user_id": "writer"}),
        Call("block_user", {"user_id": "owner"}),
    ),
    "delete_video(uuid)": (Call("delete_video", VIDEO),),
    "delete_video_comment(uuid,uuid)": (
        Call("delete_video_comment", VIDEO | {"comment_id": "$comment"}),
        Call("delete_video_comment", VIDEO | {"comment_id": "$other"}),
    ),
    "erase_me()": (Call("erase_me"),),
    "export_my_data(jsonb)": (Call("export_my_data"),),
    "feed(uuid,integer)": (Call("feed", {"page_size": 50}),),
    "get_video(uuid)": (Call("get_video", VIDEO),),
    "like_video(uuid,boolean)": (
        Call("like_video", VIDEO),
        Call("like_video", VIDEO | {"liked": False}),
        Call("like_video", VIDEO | {"liked": None}),
    ),
    "my_likes(uuid,integer)": (Call("my_likes", {"page_size": 50}),),
    "my_profile()": (Call("my_profile"),),
    "my_uploads(uuid,integer)": (Call("my_uploads"),),
    "record_view(uuid)": (Call("record_view", VIDEO),),
    "report_video(uuid,text)": (Call("report_video", VIDEO | {"reason": "odd"}),),
    "trending_feed(text,integer)": (Call("trending_feed", {"page_size": 50}),),
    "unblock_user(text)": (Call("unblock_user", {"user_id": "blocked"}),),
    "update_my_profile(text,text)": (Call("update_my_profile", {"username": "somebody.else"}),),
    "update_video(uuid,text,text)": (Call("update_video", VIDEO | {"title": "new"}),),
    "user_videos(text,uuid,integer)": (
        Call("user_videos", {"user_id": "owner", "page_size": 50}),
        Call("user_videos", {"user_id": "stranger", "page_size": 50}),
    ),
    "video_comments_page(uuid,uuid,integer,integer)": (Call("video_comments_page", VIDEO),),
}
# What changes what comes after it is tried last, the most far-reaching at the end.
LAST = ("delete_video_comment", "delete_video", "unblock_user", "block_user", "erase_me")

HELPERS: dict[str, tuple[str, ...]] = {
    "private.address_key()": ("(select where private.address_key() is not null)",),
    "private.admit_viewer(text)": ("private.admit_viewer('like')",),
    "private.blocked_user_ids()": ("unnest(private.blocked_user_ids())",),
    "private.can_listen(text)": (
        "(select where private.can_listen('video:' || $video))",
        "(select where private.can_listen('user:' || $me))",
    ),
    "private.can_see_video(uuid)": ("(select where private.can_see_video($video))",),
    "private.can_see_video(videos,uuid,timestamp with time zone,text[])": (
        (
            "(select from videos as v where v.id = $video and private.can_see_video("
            "v, private.oldest_visible_id(), private.oldest_visible_at(), '{}'))"
        ),
    ),
    "private.clean_text(text)": ("private.clean_text('a')",),
    "private.comment_as_json(video_comment_feed)": ("private.comment_as_json(null)",),
    "private.delete_video(uuid)": ("private.delete_video($video)",),
    "private.ensure_own_profile()": ("private.ensure_own_profile()",),
    "private.erase_me()": ("private.erase_me()",),
    "private.exact_likes(uuid)": ("(select where private.exact_likes($video) is not null)",),
    "private.export_my_data(jsonb)": ("private.export_my_data(null)",),
    "private.has_day(uuid)": ("(select where private.has_day($video))",),
    "private.is_own_avatar(text)": ("(select where private.is_own_avatar('https://x/y.png'))",),
    "private.is_own_expired_video(uuid)": ("(select where private.is_own_expired_video($video))",),
    "private.is_visible_text(text)": ("private.is_visible_text('a')",),
    "private.lock_visible_video(uuid)": ("private.lock_visible_video($video)",),
    "private.my_uploads(uuid,integer)": ("private.my_uploads(null, 10)",),
    "private.oldest_visible_at()": ("private.oldest_visible_at()",),
    "private.oldest_visible_id()": ("private.oldest_visible_id()",),
    "private.own_video_ids()": ("unnest(private.own_video_ids())",),
    "private.page_limit(integer)": ("private.page_limit(10)",),
    "private.raise_video_not_found(uuid)": ("private.raise_video_not_found($video)",),
    "private.record_view(uuid)": ("(select where private.record_view($video))",),
    "private.refuse_suspended_viewer()": ("private.refuse_suspended_viewer()",),
    "private.report_video(uuid,text)": ("private.report_video($video, 'odd')",),
    "private.require_viewer()": ("private.require_viewer()",),
    "private.require_visible_video(uuid)": ("private.require_visible_video($video)",),
    "private.retention()": ("private.retention()",),
    "private.spend_token(text)": ("private.spend_token('like')",),
    "private.stored_description(text)": ("private.stored_description('a')",),
    "private.stored_title(text)": ("private.stored_title('a')",),
    "private.utc_text(timestamp with time zone)": ("private.utc_text(now())",),
    "private.uuid_v7(timestamp with time zone)": ("private.uuid_v7()",),
    "private.uuid_v7_floor(timestamp with time zone)": ("private.uuid_v7_floor(now())",),
    "private.uuid_v7_time(uuid)": ("private.uuid_v7_time($video)",),
    "private.video_as_json(trending_videos)": ("private.video_as_json(null::trending_videos)",),
    "private.video_as_json(video_feed)": ("private.video_as_json(null::video_feed)",),
    "private.viewer_id()": ("(select where private.viewer_id() is not null)",),
    "private.viewer_key()": ("(select where private.viewer_key() like 'user:%')",),
}

CALLS = HELPERS | {
    name: tuple(call.statement for call in calls) for name, calls in CONTRACT.items()
}

# The direct writes of the contract that make a row.
INSERTS: dict[str, tuple[Insert, ...]] = {
    "video_likes": (Insert(VIDEO),),
    "video_comments": (Insert(VIDEO | {"text": "hello"}),),
    "user_blocks": (Insert({"blocked_user_id": "writer"}), Insert({"blocked_user_id": "$me"})),
}
