-- depends: utc_text, views/video_feed, views/trending_videos
-- A video as the HTTP routes answer it, in two forms: from either view.

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

create or replace function private.video_as_json(video public.trending_videos)
returns json
language sql
stable
parallel safe
return private.video_as_json(
    (
        video_as_json.video.id,
        video_as_json.video.title,
        video_as_json.video.description,
        video_as_json.video.video_url,
        video_as_json.video.thumbnail_url,
        video_as_json.video.views_count,
        video_as_json.video.likes_count,
        video_as_json.video.comments_count,
        video_as_json.video.created_at,
        video_as_json.video.user_id,
        video_as_json.video.users,
        video_as_json.video.liked_by_me,
        video_as_json.video.expires_at
    )::public.video_feed
);

comment on function private.video_as_json(public.trending_videos) is
'A row of trending_videos as the HTTP routes answer it: without rank and cursor.';

revoke all on function private.video_as_json(public.trending_videos)
from public, anon, authenticated, service_role;
grant execute on function private.video_as_json(public.trending_videos)
to anon, authenticated, service_role;
