-- depends: views/video_feed
create or replace view public.trending_videos
with (security_invoker = true) as
select
    f.id,
    f.title,
    f.description,
    f.video_url,
    f.thumbnail_url,
    f.views_count,
    f.likes_count,
    f.comments_count,
    f.created_at,
    f.user_id,
    f.users,
    f.liked_by_me,
    f.expires_at,
    t.epoch || '.' || t.rank as cursor,
    t.rank
from private.trending as t
inner join lateral (
    select o.*
    from public.video_feed as o
    where o.id = t.video_id
    -- Limited, so that no plan reads all videos to look up a few.
    limit 1 -- noqa: AM09
) as f on true
where t.epoch = (select max(l.epoch) from private.trending as l);

comment on view public.trending_videos is
'The up to 500 videos that trend most at the moment, as in video_feed. Order by rank. It '
'changes every minute: whoever reads page by page calls trending_feed(), which goes on '
'in the ranking the first page was of.';
comment on column public.trending_videos.users is
'{username, avatar, verified} of the owner; username is "Unknown" when there is none.';
comment on column public.trending_videos.liked_by_me is
'Does the caller like it? False for the anonymous.';
comment on column public.trending_videos.expires_at is
'From this moment on nobody sees it.';
comment on column public.trending_videos.cursor is
'Where the page after this row begins: the "before" of trending_feed().';
comment on column public.trending_videos.rank is
'1 is what trends most. Numbers are missing where the caller may not see a video.';

revoke all on public.trending_videos from public, anon, authenticated, service_role;
grant select on public.trending_videos to anon, authenticated, service_role;
