-- depends: private/oldest_visible_at, private/uuid_v7_floor
create or replace view private.aged_videos
with (security_invoker = true) as
select
    v.id,
    v.created_at
from public.videos as v
where
    v.created_at <= private.oldest_visible_at()
    -- Younger ids than those of the day that is ending, which goes as a whole.
    and v.id >= private.uuid_v7_floor(
        date_trunc('day', private.oldest_visible_at() at time zone 'utc')
        at time zone 'utc' + interval '1 day'
    )
    and v.deleted_at is null
    and not exists (
        select
        from private.video_holds as h
        where h.video_id = v.id
    );

comment on view private.aged_videos is
'Videos whose date has outlived the retention though their id''s day has not begun to: '
'rows that an administrator aged. Those deleted or held are left out.';

revoke all on private.aged_videos from public, anon, authenticated, service_role;
