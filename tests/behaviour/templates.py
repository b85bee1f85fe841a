"""A call of every function that clients may execute, and the rows they may write directly."""

# $video is a video in each state; $comment is a comment on it of the one who calls, $other one of
# somebody else. A function is named as Postgres prints it, with the types of its arguments.
CALLS: dict[str, tuple[str, ...]] = {
    "add_video_comment(uuid,text)": ("add_video_comment($video, 'hello')",),
    "block_user(text)": ("block_user('writer')", "block_user('owner')"),
    "delete_video(uuid)": ("delete_video($video)",),
    "delete_video_comment(uuid,uuid)": (
        "delete_video_comment($video, $comment)",
        "delete_video_comment($video, $other)",
    ),
    "feed(uuid,integer)": ("feed(page_size => 50)",),
    "get_video(uuid)": ("get_video($video)",),
    "like_video(uuid,boolean)": (
        "like_video($video)",
        "like_video($video, false)",
        "like_video($video, null)",
    ),
    "my_profile()": ("my_profile()",),
    "my_uploads(uuid,integer)": ("my_uploads()",),
    "record_view(uuid)": ("(select where record_view($video))",),
    "report_video(uuid,text)": ("report_video($video, 'odd')",),
    "unblock_user(text)": ("unblock_user('blocked')",),
    "update_my_profile(text,text)": ("update_my_profile('somebody.else')",),
    "update_video(uuid,text,text)": ("update_video($video, 'new')",),
    "video_comments_page(uuid,uuid,integer,integer)": ("video_comments_page($video)",),
    "private.blocked_user_ids()": ("unnest(private.blocked_user_ids())",),
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
    "private.is_own_avatar(text)": ("(select where private.is_own_avatar('https://x/y.png'))",),
    "private.is_own_expired_video(uuid)": ("(select where private.is_own_expired_video($video))",),
    "private.is_visible_text(text)": ("private.is_visible_text('a')",),
    "private.my_uploads(uuid,integer)": ("private.my_uploads(null, 10)",),
    "private.oldest_visible_at()": ("private.oldest_visible_at()",),
    "private.oldest_visible_id()": ("private.oldest_visible_id()",),
    "private.page_limit(integer)": ("private.page_limit(10)",),
    "private.raise_video_not_found(uuid)": ("private.raise_video_not_found($video)",),
    "private.record_view(uuid)": ("(select where private.record_view($video))",),
    "private.report_video(uuid,text)": ("private.report_video($video, 'odd')",),
    "private.require_viewer()": ("private.require_viewer()",),
    "private.require_visible_video(uuid)": ("private.require_visible_video($video)",),
    "private.retention()": ("private.retention()",),
    "private.utc_text(timestamp with time zone)": ("private.utc_text(now())",),
    "private.uuid_v7(timestamp with time zone)": ("private.uuid_v7()",),
    "private.uuid_v7_floor(timestamp with time zone)": ("private.uuid_v7_floor(now())",),
    "private.uuid_v7_time(uuid)": ("private.uuid_v7_time($video)",),
    "private.video_as_json(video_feed)": ("private.video_as_json(null)",),
    "private.viewer_id()": ("(select where private.viewer_id() is not null)",),
    "private.viewer_key()": ("(select where private.viewer_key() like 'user:%')",),
}

# The direct writes of the contract that make a row.
INSERTS: dict[str, tuple[str, ...]] = {
    "video_likes": ("(video_id) values ($video)",),
    "video_comments": ("(video_id, text) values ($video, 'hello')",),
    "user_blocks": ("(blocked_user_id) values ('writer')", "(blocked_user_id) values ($me)"),
}
