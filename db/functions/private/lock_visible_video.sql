create or replace function private.lock_visible_video(video_id uuid)
returns void
language plpgsql
security definer -- locking a row takes the right to change it
set search_path = ''
as $$
declare
    v_oldest_visible_at constant timestamptz := private.oldest_visible_at();
begin
    -- The lock that the foreign key is about to take. Only who removes the row stands
    -- against it; then there is nothing to wait for.
    perform from public.videos as v
    where
        v.id = lock_visible_video.video_id
        and private.can_see_video(
            v,
            private.uuid_v7_floor(v_oldest_visible_at),
            v_oldest_visible_at,
            private.blocked_user_ids()
        )
    for key share skip locked;

    if not found then
        perform private.raise_video_not_found(lock_visible_video.video_id);
    end if;
end
$$;

comment on function private.lock_visible_video(uuid) is
'Passes when the caller may see the video, which then stays until the transaction ends: '
'it can be marked as deleted, but not removed. Waits for nobody. '
'Errors: video_not_found, video_expired.';

revoke all on function private.lock_visible_video(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.lock_visible_video(uuid)
to authenticated, service_role;
