create or replace view ops.retention
with (security_invoker = true) as
with counted as (
    select
        (private.uuid_v7_time(v.id) at time zone 'utc')::date as day,
        count(*) as videos,
        count(h.video_id) as held
    from public.videos as v
    left join private.video_holds as h on v.id = h.video_id
    group by day
),

stored as (
    select
        to_date(right(c.relname, 8), 'YYYYMMDD') as day,
        count(*) as leaves,
        -- What autovacuum last counted, or the statistics since.
        sum(
            case
                when c.reltuples >= 0 then c.reltuples::bigint
                else pg_catalog.pg_stat_get_live_tuples(c.oid)
            end
        ) filter (where c.relname like 'video\_likes%') as likes,
        sum(
            case
                when c.reltuples >= 0 then c.reltuples::bigint
                else pg_catalog.pg_stat_get_live_tuples(c.oid)
            end
        ) filter (where c.relname like 'video\_viewers%') as viewers,
        sum(pg_catalog.pg_total_relation_size(c.oid)) as bytes
    from pg_catalog.pg_class as c
    where
        c.relnamespace = 'partitions'::regnamespace
        and c.relkind = 'r'
        and c.relname ~ '^video_(likes|viewers)_\d{8}$'
    group by day
),

days as (
    select
        coalesce(c.day, s.day) as day,
        coalesce(c.videos, 0) as videos,
        coalesce(c.held, 0) as held,
        coalesce(s.leaves, 0) as leaves,
        coalesce(s.likes, 0) as likes,
        coalesce(s.viewers, 0) as viewers,
        coalesce(s.bytes, 0) as leaf_bytes
    from counted as c
    full join stored as s on c.day = s.day
),

ending as (
    select (private.oldest_visible_at() at time zone 'utc')::date as day
),

judged as (
    select
        d.*,
        case
            when d.day > e.day then 'visible'
            when d.day = e.day then 'expiring'
            when d.held > 0 and d.videos = d.held then 'held'
            when (select z.is_too_large from private.day_size(d.day) as z)
                then 'waiting for approval'
            when d.leaves < 2 and d.held = 0 then 'retiring'
            else 'due'
        end as state,
        private.oldest_visible_at()
        - (d.day + 1)::timestamp at time zone 'utc' as since
    from days as d
    cross join ending as e
    where d.day <= (now() at time zone 'utc')::date
)

select
    j.day,
    j.state,
    case when j.state in ('due', 'retiring', 'waiting for approval') then j.since end
        as overdue,
    j.videos,
    j.held,
    j.likes,
    j.viewers,
    j.leaf_bytes
from judged as j
order by j.day;

comment on view ops.retention is
'How far each UTC day is on its way out, oldest first. state: visible; expiring (its '
'last videos are still seen); due; retiring (leaves are gone, videos are going); held '
'(only ops.release_hold(video_id) lets it go); waiting for approval (unusually many '
'videos: ops.approve_day(day)). It reads every video: some seconds for millions.';
comment on column ops.retention.day is 'The UTC day of the videos'' ids.';
comment on column ops.retention.state is 'How far it is; see the view.';
comment on column ops.retention.overdue is
'For how long it could have been gone, when it is due, retiring or waiting. Readers do '
'not see it either way.';
comment on column ops.retention.videos is 'Videos that are still stored.';
comment on column ops.retention.held is 'Those that ops.hold_video() keeps.';
comment on column ops.retention.likes is 'Stored likes, about.';
comment on column ops.retention.viewers is 'Stored viewers, about.';
comment on column ops.retention.leaf_bytes is
'Size of the day''s leaves, which goes back to the disk when they are dropped.';

revoke all on ops.retention from public, anon, authenticated, service_role;
