create or replace function private.delete_video(video_id uuid)
returns void
language plpgsql
security definer -- no client may write deleted_at
set search_path = ''
as $$
declare
    v_viewer_id text := private.require_viewer();
begin
    perform private.admit_viewer('delete_video');

    update public.videos as v
    set deleted_at = now()
    where
        v.id = delete_video.video_id
        and v.user_id = v_viewer_id
        and private.can_see_video(v.id);

    if found then
        return;
    end if;

    -- Asked again, as after a lost answer: done is done.
    if exists (
        select
        from public.videos as v
        where
            v.id = delete_video.video_id
            and v.user_id = v_viewer_id
            and v.deleted_at is not null
    ) or exists (
        select
        from private.video_tombstones as t
        where
            t.video_id = delete_video.video_id
            and t.user_id = v_viewer_id
            and t.reason = 'deleted'
    ) then
        return;
    end if;

    perform private.raise_video_not_found(delete_video.video_id);
end
$$;

comment on function private.delete_video(uuid) is
'Marks a video of the caller as deleted: readers lose it at once, its files are ordered '
'deleted in the same transaction, its rows go later in batches. '
'Errors: sign_in_required, suspended, rate_limited, video_not_found, video_expired.';

revoke all on function private.delete_video(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.delete_video(uuid)
to authenticated, service_role;
