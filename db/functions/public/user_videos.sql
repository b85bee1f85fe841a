-- depends: views/video_feed
create or replace function public.user_videos(
    user_id text,
    before uuid default null,
    page_size integer default 10
)
returns setof public.video_feed
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
-- The order comes from an index. A plan that expects few rows would rather sort them,
-- and where there are many reads them all for one page.
set enable_sort = off
-- Planned while few counts were pending, a plan would read them all for each video,
-- and be kept when they are many.
set enable_seqscan = off
as $$
declare
    -- A variable: under row-level security an expression is no index condition.
    v_before constant uuid := coalesce(
        user_videos.before, 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    );
begin
    return query
    select f.*
    from public.video_feed as f
    where
        f.user_id = user_videos.user_id
        and f.id < v_before
    order by f.id desc
    limit private.page_limit(user_videos.page_size);
end
$$;

comment on function public.user_videos(text, uuid, integer) is
'A page of one person''s visible videos, newest first; empty for people who are unknown '
'or do not meet the caller. user_id: whose; before: the id of the last video of the page '
'before, null for the first page; page_size: 1 to 50 rows, more is 50. A page shorter '
'than that is the last. Errors: page_size_invalid.';

revoke all on function public.user_videos(text, uuid, integer)
from public, anon, authenticated, service_role;
grant execute on function public.user_videos(text, uuid, integer)
to anon, authenticated, service_role;
