create or replace function private.bury_videos()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes tombstones
set search_path = ''
as $$
begin
    -- A video that was restored has one already. Replacing it so costs a third less WAL
    -- than "on conflict" does for all the others.
    delete from private.video_tombstones as t
    where t.video_id in (select v.id from gone as v);
    insert into private.video_tombstones (video_id, user_id, reason, published_at)
    select
        v.id,
        v.user_id,
        case
            when v.deleted_at is not null then 'deleted'
            when
                v.id < private.oldest_visible_id()
                or v.created_at <= private.oldest_visible_at()
                then 'expired'
            else 'removed'
        end,
        v.created_at
    from gone as v;
    return null;
end
$$;

comment on function private.bury_videos() is
'Trigger, per statement, after videos are gone: leaves a tombstone for each.';

revoke all on function private.bury_videos()
from public, anon, authenticated, service_role;
