"""`/api/videos/:id/comments`: reading, writing and removing comments."""

from __future__ import annotations

import msgspec

from api.calls import Call
from api.documented import Documented, answered
from api.envelope import page, success
from api.http import Answer, idempotency_key, query, read_object, shaped, while_client_waits
from api.mount import Asked, Endpoint
from api.paging import before_of, limit_of, page_of
from api.routes.examples import COMMENT
from api.routes.videos import VIDEO_ERRORS, WRITE_ERRORS

# The total is the video's own counter: counting the rows would cost more than the page.
COMMENTS_PAGE = Call(
    """(select array[
        coalesce(json_agg(private.comment_as_json(c))::text, '[]'),
        (select v.comments_count from public.get_video(video_id => $2::uuid) as v)::text,
        (array_agg(c.id))[$5::integer]::text
    ] from public.video_comments_page(
        video_id => $2::uuid, before => $3::uuid, page => $4::integer, page_size => $5::integer
    ) as c)""",
    parameters=4,
    columns=3,
)
ADD_COMMENT = Call(
    """(select private.comment_as_json(c)::text
        from public.add_video_comment(
            video_id => $2::uuid, text => $3::text, request_id => $4::uuid
        ) as c)""",
    parameters=3,
)
DELETE_COMMENT = Call(
    """(select count(*)::text
        from public.delete_video_comment(video_id => $2::uuid, comment_id => $3::uuid))""",
    parameters=2,
)


class NewComment(msgspec.Struct, forbid_unknown_fields=True):
    """A comment: 1 to 1000 characters."""

    text: str


async def comments(asked: Asked) -> Answer:
    """Answer a page of comments."""
    (video_id,) = asked.ids
    given = query(asked.scope, frozenset({"page", "limit", "before"}))
    limit, number, before = limit_of(given), page_of(given), before_of(given)
    listed, total, last_id = await while_client_waits(
        asked.receive,
        lambda: COMMENTS_PAGE.run(
            asked.services.pools,
            asked.identity,
            None,
            video_id,
            before,
            b"%d" % number,
            b"%d" % limit,
        ),
    )
    count = int(total or b"0")
    data = b'{"comments":%s,"pagination":{"page":%d,"limit":%d,"total":%d,"totalPages":%d}}' % (
        listed or b"[]",
        number,
        limit,
        count,
        -(-count // limit),
    )
    return page(data, "Comments retrieved successfully", asked.path, limit, last_id)


async def add_comment(asked: Asked) -> Answer:
    """Write a comment; asking again with the same key gives the one that was written."""
    (video_id,) = asked.ids
    query(asked.scope, frozenset())
    key = idempotency_key(asked.scope)
    comment = shaped(await read_object(asked.scope, asked.receive, required=True), NewComment)
    row = await while_client_waits(
        asked.receive,
        lambda: ADD_COMMENT.run(
            asked.services.pools, asked.identity, None, video_id, comment.text.encode(), key
        ),
    )
    return success(row[0], "Comment added successfully", status=201)


async def delete_comment(asked: Asked) -> Answer:
    """Remove a comment: its author may, and the video's owner."""
    video_id, comment_id = asked.ids
    query(asked.scope, frozenset())
    await DELETE_COMMENT.run(asked.services.pools, asked.identity, None, video_id, comment_id)
    return success(None, "Comment deleted successfully")


ENDPOINTS = (
    Endpoint(
        Documented(
            method="GET",
            path="/api/videos/{id}/comments",
            summary="A page of a video's comments, newest first",
            query={
                "limit": "1 to 50 comments, 10 if not given; more is 50.",
                "page": "The number of the page; repeats rows while people write.",
                "before": "The id of the last comment of the page before; better than page.",
            },
            example=answered(
                {
                    "comments": [COMMENT],
                    "pagination": {"page": 1, "limit": 10, "total": 1, "totalPages": 1},
                },
                "Comments retrieved successfully",
                next_cursor=None,
            ),
            headers={"Link": 'The next page: <...>; rel="next". Absent on the last page.'},
            errors=VIDEO_ERRORS | {400: "page_size_invalid, page_invalid, id_invalid"},
        ),
        comments,
    ),
    Endpoint(
        Documented(
            method="POST",
            path="/api/videos/{id}/comment",
            summary="Write a comment",
            who="user",
            status=201,
            bodies=(NewComment,),
            idempotent_by_key=True,
            example=answered(COMMENT, "Comment added successfully"),
            errors=VIDEO_ERRORS
            | WRITE_ERRORS
            | {400: "comment_empty, comment_too_long, comment_invalid"},
        ),
        add_comment,
    ),
    Endpoint(
        Documented(
            method="DELETE",
            path="/api/videos/{id}/comments/{comment_id}",
            summary="Remove a comment: its author may, and the video's owner",
            who="user",
            example=answered(None, "Comment deleted successfully"),
            errors=WRITE_ERRORS | {404: "video_not_found, comment_not_found"},
        ),
        delete_comment,
    ),
)
