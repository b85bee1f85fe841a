-- depends: views/video_feed
create or replace function public.my_likes(
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
        my_likes.before, 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    );
    v_viewer_id constant text := private.require_viewer();
begin
    -- By the video's time, not the like's: the cursor is the video's id as everywhere,
    -- stays good when that like is taken back, and the newest leaves fill the page.
    return query
    select f.*
    from public.video_likes as l
    cross join lateral (
        select o.*
        from public.video_feed as o
        where o.id = l.video_id
        limit 1
    ) as f
    where
        l.user_id = v_viewer_id
        and l.video_id < v_before
    order by l.video_id desc
    limit private.page_limit(my_likes.page_size);
end
$$;

comment on function public.my_likes(uuid, integer) is
'A page of the visible videos the caller likes, newest videos first. before: the id of '
'the last video of the page before, null for the first page; page_size: 1 to 50 rows, '
'more is 50. A page shorter than that is the last. '
'Errors: sign_in_required, page_size_invalid.';

revoke all on function public.my_likes(uuid, integer)
from public, anon, authenticated, service_role;
grant execute on function public.my_likes(uuid, integer)
to authenticated, service_role;
