create or replace function private.is_own_expired_video(video_id uuid)
returns boolean
language plpgsql
stable
security definer -- reads tombstones and rows past their time, of the caller alone
set search_path = ''
as $$
declare
    v_viewer_id text := private.viewer_id();
begin
    return exists (
        select
        from public.videos as v
        where
            v.id = is_own_expired_video.video_id
            and v.user_id = v_viewer_id
            and v.deleted_at is null
            and v.hidden_at is null
            and (
                v.id < private.oldest_visible_id()
                or v.created_at <= private.oldest_visible_at()
            )
    ) or exists (
        select
        from private.video_tombstones as t
        where
            t.video_id = is_own_expired_video.video_id
            and t.user_id = v_viewer_id
            and t.reason = 'expired'
            and t.ended_at > now() - (
                select s.tombstone_life from private.settings as s where s.singleton
            )
    );
end
$$;

comment on function private.is_own_expired_video(uuid) is
'Was this a video of the caller that ended by age, and not longer ago than '
'settings.tombstone_life?';

revoke all on function private.is_own_expired_video(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.is_own_expired_video(uuid)
to anon, authenticated, service_role;
