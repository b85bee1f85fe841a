-- depends: views/video_comment_feed
create or replace function public.video_comments_page(
    video_id uuid,
    before uuid default null,
    page integer default 1,
    page_size integer default 10
)
returns setof public.video_comment_feed
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
-- The order comes from an index. A plan that expects few rows would rather sort them,
-- and where there are many reads them all for one page.
set enable_sort = off
as $$
declare
    -- A variable: under row-level security an expression is no index condition.
    v_before constant uuid := coalesce(
        video_comments_page.before, 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    );
begin
    -- Counting pages reads all pages before: 1000 of them is as deep as it goes.
    if (video_comments_page.page between 1 and 1000) is not true then
        raise exception using
            errcode = 'PT400',
            message = 'page_invalid',
            detail = 'A page has a number from 1 to 1000.',
            hint = 'Pass the id of the last comment as before to read on.';
    end if;

    perform private.require_visible_video(video_comments_page.video_id);

    return query
    select c.*
    from public.video_comment_feed as c
    where
        c.video_id = video_comments_page.video_id
        and c.id < v_before
    order by c.id desc
    limit private.page_limit(video_comments_page.page_size)
    offset (video_comments_page.page - 1)
    * private.page_limit(video_comments_page.page_size);
end
$$;

comment on function public.video_comments_page(uuid, uuid, integer, integer) is
'A page of a visible video''s comments, newest first. before: the id of the last comment '
'of the page before, null for the newest; page: counts on from there, 1 to 1000, but '
'repeats rows while people write; page_size: 1 to 50 rows, more is 50. '
'Errors: video_not_found, video_expired, page_invalid, page_size_invalid.';

revoke all on function public.video_comments_page(uuid, uuid, integer, integer)
from public, anon, authenticated, service_role;
grant execute on function public.video_comments_page(uuid, uuid, integer, integer)
to anon, authenticated, service_role;
