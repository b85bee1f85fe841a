-- depends: private/viewer_id, private/retention, private/uuid_v7_time
create or replace view public.video_feed
with (security_invoker = true) as
select
    v.id,
    v.title,
    v.description,
    v.video_url,
    v.thumbnail_url,
    v.views_count + coalesce(d.views, 0) as views_count,
    v.likes_count + coalesce(d.likes, 0) as likes_count,
    v.comments_count + coalesce(d.comments, 0) as comments_count,
    v.created_at,
    v.user_id,
    coalesce(
        (
            select
                json_build_object(
                    'username', coalesce(p.username, 'Unknown'),
                    'avatar', case when p.username is not null then p.avatar end,
                    'verified', p.verified
                )
            from public.user_profiles as p
            where p.user_id = v.user_id
        ),
        json_build_object('username', 'Unknown', 'avatar', null, 'verified', false)
    ) as users,
    -- A scalar subquery, because exists() may become a hash over every like there is.
    coalesce(
        (
            select true
            from public.video_likes as l
            where l.video_id = v.id and l.user_id = (select private.viewer_id())
        ),
        false
    ) as liked_by_me,
    least(v.created_at, private.uuid_v7_time(v.id))
    + (select private.retention()) as expires_at
from public.videos as v
left join lateral (
    select
        sum(p.views) as views,
        sum(p.likes) as likes,
        sum(p.comments) as comments
    from private.video_deltas as p
    where p.video_id = v.id
) as d on true;

comment on view public.video_feed is
'Videos as clients see them: with exact counts (folded base and what is pending, in one '
'snapshot), the owner''s card {username, avatar, verified}, whether the caller likes it, '
'and when it expires. Order by id, newest first.';
comment on column public.video_feed.users is
'{username, avatar, verified} of the owner; username is "Unknown" when there is none.';
comment on column public.video_feed.liked_by_me is
'Does the caller like it? False for the anonymous.';
comment on column public.video_feed.expires_at is
'From this moment on nobody sees it.';

revoke all on public.video_feed from public, anon, authenticated, service_role;
grant select on public.video_feed to anon, authenticated, service_role;
