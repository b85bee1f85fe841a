-- depends: utc_text, views/video_comment_feed
create or replace function private.comment_as_json(comment public.video_comment_feed)
returns json
language sql
stable
parallel safe
-- One expression, so that it is inlined into the statement that calls it.
return json_build_object(
    'id', comment_as_json.comment.id,
    'text', comment_as_json.comment.text,
    'created_at', private.utc_text(comment_as_json.comment.created_at),
    'user_id', comment_as_json.comment.user_id,
    'user', comment_as_json.comment."user"
);

comment on function private.comment_as_json(public.video_comment_feed) is
'A row of video_comment_feed as the HTTP routes answer it: times in UTC with a Z.';

revoke all on function private.comment_as_json(public.video_comment_feed)
from public, anon, authenticated, service_role;
grant execute on function private.comment_as_json(public.video_comment_feed)
to anon, authenticated, service_role, media_worker;
