create or replace view ops.expiring_videos
with (security_invoker = true) as
with ending as (
    select
        v.id,
        least(private.uuid_v7_time(v.id), v.created_at) + private.retention() as ends_at
    from public.videos as v
    where
        -- By the id: a range of the primary key. What an administrator aged by hand is
        -- in ops.retention.
        v.id >= private.uuid_v7_floor(now() - private.retention())
        and v.id < private.uuid_v7_floor(now() - private.retention() + interval '1 day')
        and v.deleted_at is null
)

select
    date_trunc('hour', e.ends_at) as hour,
    count(*) as videos,
    count(h.video_id) as held,
    sum(f.bytes) as file_bytes
from ending as e
left join private.video_holds as h on e.id = h.video_id
left join private.video_files as f on e.id = f.video_id
where e.ends_at > now()
group by hour
order by hour;

comment on view ops.expiring_videos is
'What readers lose in the next 24 hours, hour by hour. What they have lost already and '
'is still stored is in ops.retention.';
comment on column ops.expiring_videos.hour is 'The hour in which it expires, in UTC.';
comment on column ops.expiring_videos.videos is 'How many expire.';
comment on column ops.expiring_videos.held is
'Those of them that ops.hold_video() keeps: readers lose them too.';
comment on column ops.expiring_videos.file_bytes is
'Size of their video files at the media service.';

revoke all on ops.expiring_videos from public, anon, authenticated, service_role;
