-- depends: views/trending_videos
create or replace function public.trending_feed(
    before text default null,
    page_size integer default 10
)
returns setof public.trending_videos
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
-- Planned while few counts were pending, a plan would read them all for each video,
-- and be kept when they are many.
set enable_seqscan = off
as $$
declare
    v_epoch integer := (select max(t.epoch) from private.trending as t);
    v_rank integer := 0;
begin
    if trending_feed.before is not null then
        if trending_feed.before !~ '^[0-9]{1,9}\.[0-9]{1,9}$' then
            raise exception using
                errcode = 'PT400',
                message = 'cursor_invalid',
                detail = 'before is the cursor of the last video of the page before.';
        end if;
        v_epoch := split_part(trending_feed.before, '.', 1)::integer;
        v_rank := split_part(trending_feed.before, '.', 2)::integer;

        if not exists (select from private.trending as t where t.epoch = v_epoch) then
            raise exception using
                errcode = 'PT410',
                message = 'cursor_expired',
                detail = 'The ranking this page belongs to was forgotten after an hour.',
                hint = 'Begin again without before.';
        end if;
    end if;

    return query
    select
        f.*,
        t.epoch || '.' || t.rank,
        t.rank
    from private.trending as t
    cross join lateral (
        select o.*
        from public.video_feed as o
        where o.id = t.video_id
        limit 1
    ) as f
    where t.epoch = v_epoch and t.rank > v_rank
    order by t.rank
    limit private.page_limit(trending_feed.page_size);
end
$$;

comment on function public.trending_feed(text, integer) is
'A page of the up to 500 visible videos that trend most, ranked once a minute by '
'(views + 4 likes + 8 comments + 1) / (age in hours + 2)^1.5. before: the cursor of the '
'last video of the page before, null for the first page; page_size: 1 to 50 rows, more '
'is 50. A page shorter than that is the last. Pages go on in the ranking of the first '
'one, so nothing comes twice; it is kept for an hour. '
'Errors: cursor_invalid, cursor_expired: begin again without before; page_size_invalid.';

revoke all on function public.trending_feed(text, integer)
from public, anon, authenticated, service_role;
grant execute on function public.trending_feed(text, integer)
to anon, authenticated, service_role;
