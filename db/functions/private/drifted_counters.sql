create or replace function private.drifted_counters(
    day date,
    out video_id uuid,
    out counter text,
    out stored bigint,
    out counted bigint
)
returns setof record
language plpgsql
stable -- one snapshot, the caller's: nothing is counted twice while it is folded
set search_path = ''
-- A plan for this day alone reads its leaves and no others.
set plan_cache_mode = force_custom_plan
as $$
declare
    v_from constant uuid := private.uuid_v7_floor(
        drifted_counters.day::timestamp at time zone 'utc'
    );
    v_to constant uuid := private.uuid_v7_floor(
        (drifted_counters.day + 1)::timestamp at time zone 'utc'
    );
begin
    -- Planning these locks the parents, so that the leaves that are there now stay until
    -- they are counted.
    perform from public.video_likes as l where false;
    perform from private.video_viewers as w where false;
    if
        to_regclass('partitions.video_likes_' || to_char(day, 'YYYYMMDD')) is null
        or to_regclass('partitions.video_viewers_' || to_char(day, 'YYYYMMDD')) is null
    then
        return;
    end if;

    return query
    select
        v.id,
        c.counter,
        c.stored,
        c.counted
    from public.videos as v
    left join (
        select
            p.video_id,
            sum(p.views) as views,
            sum(p.likes) as likes,
            sum(p.comments) as comments
        from private.video_deltas as p
        where p.video_id >= v_from and p.video_id < v_to
        group by p.video_id
    ) as d on v.id = d.video_id
    left join (
        select
            r.video_id,
            count(*) as amount
        from private.video_viewers as r
        where r.video_id >= v_from and r.video_id < v_to
        group by r.video_id
    ) as w on v.id = w.video_id
    left join (
        select
            r.video_id,
            count(*) as amount
        from public.video_likes as r
        where r.video_id >= v_from and r.video_id < v_to
        group by r.video_id
    ) as l on v.id = l.video_id
    left join (
        select
            r.video_id,
            count(*) as amount
        from public.video_comments as r
        where r.video_id >= v_from and r.video_id < v_to
        group by r.video_id
    ) as m on v.id = m.video_id
    cross join lateral (
        values
        ('views', v.views_count + coalesce(d.views, 0), coalesce(w.amount, 0)),
        ('likes', v.likes_count + coalesce(d.likes, 0), coalesce(l.amount, 0)),
        ('comments', v.comments_count + coalesce(d.comments, 0), coalesce(m.amount, 0))
    ) as c (counter, stored, counted)
    where
        v.id >= v_from
        and v.id < v_to
        -- Nobody sees its counters any more, and its rows are on their way out.
        and v.deleted_at is null
        and c.stored <> c.counted;
end
$$;

comment on function private.drifted_counters(date) is
'The counters of the videos of a UTC day that are not what their rows add up to: the '
'counter (views, likes or comments) as readers see it, and the rows. None when the '
'day''s leaves are gone.';

revoke all on function private.drifted_counters(date)
from public, anon, authenticated, service_role;
