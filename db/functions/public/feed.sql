-- depends: views/video_feed
create or replace function public.feed(
    before uuid default null,
    page_size integer default 10
)
returns setof public.video_feed
language plpgsql
stable
set search_path = ''
-- Keeps the plan: planning anew costs five times the page, and a plan for the values
-- may hash whole tables.
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
        feed.before, 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    );
begin
    return query
    select f.*
    from public.video_feed as f
    where f.id < v_before
    order by f.id desc
    limit private.page_limit(feed.page_size);
end
$$;

comment on function public.feed(uuid, integer) is
'A page of visible videos, newest first. before: the id of the last video of the page '
'before, null for the first page; page_size: 1 to 50 rows, more is 50. A page shorter '
'than that is the last. Errors: page_size_invalid.';

revoke all on function public.feed(uuid, integer)
from public, anon, authenticated, service_role;
grant execute on function public.feed(uuid, integer)
to anon, authenticated, service_role;
