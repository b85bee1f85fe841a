-- depends: utc_text, views/video_feed
create or replace function private.video_as_json(video public.video_feed)
returns json
language sql
stable
parallel safe
-- One expression, so that it is inlined into the statement that calls it.
return json_build_object(
    'id', video_as_json.video.id,
    'title', video_as_json.video.title,
    'description', video_as_json.video.description,
    'video_url', video_as_json.video.video_url,
    'thumbnail_url', video_as_json.video.thumbnail_url,
    'views_count', video_as_json.video.views_count,
    'likes_count', video_as_json.video.likes_count,
    'comments_count', video_as_json.video.comments_count,
    'created_at', private.utc_text(video_as_json.video.created_at),
    'user_id', video_as_json.video.user_id,
    'users', video_as_json.video.users,
    'liked_by_me', video_as_json.video.liked_by_me,
    'expires_at', private.utc_text(video_as_json.video.expires_at)
);

comment on function private.video_as_json(public.video_feed) is
'A row of video_feed as the HTTP routes answer it: times in UTC with a Z.';

revoke all on function private.video_as_json(public.video_feed)
from public, anon, authenticated, service_role;
grant execute on function private.video_as_json(public.video_feed)
to anon, authenticated, service_role, media_worker;
