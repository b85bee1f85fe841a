"""Lists of videos: the feed, what trends, one person's, and what the caller likes."""

from __future__ import annotations

from api.calls import Call
from api.documented import Documented, answered
from api.envelope import page
from api.http import Answer, query, while_client_waits
from api.mount import Asked, Endpoint
from api.paging import before_of, cursor_of, limit_of
from api.routes.examples import TRENDING_CURSOR, VIDEO

# The cursor of the last row of a full page is what the next one starts from.
FEED = Call(
    """(select array[
        coalesce(json_agg(private.video_as_json(f))::text, '[]'),
        (array_agg(f.id))[$3::integer]::text
    ] from public.feed(before => $2::uuid, page_size => $3::integer) as f)""",
    parameters=2,
    columns=2,
)
TRENDING_FEED = Call(
    """(select array[
        coalesce(json_agg(private.video_as_json(t))::text, '[]'),
        (array_agg(t.cursor))[$3::integer]
    ] from public.trending_feed(before => $2::text, page_size => $3::integer) as t)""",
    parameters=2,
    columns=2,
)
USER_VIDEOS = Call(
    """(select array[
        coalesce(json_agg(private.video_as_json(v))::text, '[]'),
        (array_agg(v.id))[$4::integer]::text
    ] from public.user_videos(
        user_id => $2::text, before => $3::uuid, page_size => $4::integer
    ) as v)""",
    parameters=3,
    columns=2,
)
MY_LIKES = Call(
    """(select array[
        coalesce(json_agg(private.video_as_json(v))::text, '[]'),
        (array_agg(v.id))[$3::integer]::text
    ] from public.my_likes(before => $2::uuid, page_size => $3::integer) as v)""",
    parameters=2,
    columns=2,
)


async def feed(asked: Asked) -> Answer:
    """Answer a page of the feed."""
    given = query(asked.scope, frozenset({"limit", "before"}))
    message = "Video feed retrieved successfully"
    return await _page(asked, FEED, message, limit_of(given), before_of(given))


async def trending(asked: Asked) -> Answer:
    """Answer a page of what trends; its cursor is of the ranking the first page was of."""
    given = query(asked.scope, frozenset({"limit", "before"}))
    message = "Trending videos retrieved successfully"
    return await _page(asked, TRENDING_FEED, message, limit_of(given), cursor_of(given))


async def user_videos(asked: Asked) -> Answer:
    """Answer a page of one person's videos."""
    (user_id,) = asked.ids
    given = query(asked.scope, frozenset({"limit", "before"}))
    message = "User videos retrieved successfully"
    return await _page(asked, USER_VIDEOS, message, limit_of(given), user_id, before_of(given))


async def liked(asked: Asked) -> Answer:
    """Answer a page of what the caller likes."""
    given = query(asked.scope, frozenset({"limit", "before"}))
    message = "Liked videos retrieved successfully"
    return await _page(asked, MY_LIKES, message, limit_of(given), before_of(given))


async def _page(
    asked: Asked, call: Call, message: str, limit: int, *parameters: bytes | None
) -> Answer:
    data, cursor = await while_client_waits(
        asked.receive,
        lambda: call.run(asked.services.pools, asked.identity, None, *parameters, b"%d" % limit),
    )
    return page(data or b"[]", message, asked.path, limit, cursor)


LIMIT = "1 to 50 videos, 10 if not given; more is 50."
LAST_ID = "The id of the last video of the page before."
LINK = {"Link": 'The next page: <...>; rel="next". Absent on the last page.'}

ENDPOINTS = (
    Endpoint(
        Documented(
            method="GET",
            path="/api/videos/feed",
            summary="A page of the feed, newest first",
            query={"limit": LIMIT, "before": LAST_ID},
            example=answered([VIDEO], "Video feed retrieved successfully", next_cursor=VIDEO["id"]),
            headers=LINK,
            errors={400: "page_size_invalid, id_invalid"},
        ),
        feed,
    ),
    Endpoint(
        Documented(
            method="GET",
            path="/api/videos/trending",
            summary="A page of the up to 500 videos that trend most, ranked once a minute",
            query={
                "limit": LIMIT,
                "before": "The next_cursor of the page before; good for an hour.",
            },
            example=answered(
                [VIDEO], "Trending videos retrieved successfully", next_cursor=TRENDING_CURSOR
            ),
            headers=LINK,
            errors={
                400: "page_size_invalid, cursor_invalid",
                410: "cursor_expired: begin again without before",
            },
        ),
        trending,
    ),
    Endpoint(
        Documented(
            method="GET",
            path="/api/videos/liked",
            summary="A page of the videos the caller likes, newest videos first",
            who="user",
            query={"limit": LIMIT, "before": LAST_ID},
            example=answered(
                [VIDEO | {"liked_by_me": True}],
                "Liked videos retrieved successfully",
                next_cursor=VIDEO["id"],
            ),
            headers=LINK,
            errors={400: "page_size_invalid, id_invalid"},
        ),
        liked,
    ),
    Endpoint(
        Documented(
            method="GET",
            path="/api/users/{user_id}/videos",
            summary="A page of a person's videos, newest first; empty for the unknown",
            texts=frozenset({"user_id"}),
            query={"limit": LIMIT, "before": LAST_ID},
            example=answered([VIDEO], "User videos retrieved successfully", next_cursor=None),
            headers=LINK,
            errors={400: "page_size_invalid, id_invalid"},
        ),
        user_videos,
    ),
)
