create or replace function private.require_visible_video(video_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if not private.can_see_video(require_visible_video.video_id) then
        perform private.raise_video_not_found(require_visible_video.video_id);
    end if;
end
$$;

comment on function private.require_visible_video(uuid) is
'Passes when the caller may see the video. Errors: video_not_found, video_expired.';

revoke all on function private.require_visible_video(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.require_visible_video(uuid)
to anon, authenticated, service_role;
