create or replace view public.video_comment_feed
with (security_invoker = true) as
select
    c.id,
    c.text,
    c.created_at,
    c.user_id,
    coalesce(
        (
            select
                json_build_object(
                    'username', coalesce(p.username, 'Unknown'),
                    'avatar', case when p.username is not null then p.avatar end
                )
            from public.user_profiles as p
            where p.user_id = c.user_id
        ),
        json_build_object('username', 'Unknown', 'avatar', null)
    ) as "user",
    c.video_id
from public.video_comments as c;

comment on view public.video_comment_feed is
'Comments as clients see them, with the writer''s card. Ask for one video_id and order by '
'id, newest first.';
comment on column public.video_comment_feed."user" is
'{username, avatar} of the writer; username is "Unknown" when there is none.';

revoke all on public.video_comment_feed from public, anon, authenticated, service_role;
grant select on public.video_comment_feed to anon, authenticated, service_role;
