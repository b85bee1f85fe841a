create or replace function private.raise_video_not_found(video_id uuid)
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
    if private.is_own_expired_video(raise_video_not_found.video_id) then
        raise exception using
            errcode = 'PT410',
            message = 'video_expired',
            detail = 'Your video has reached the end of its life.';
    end if;
    raise exception using
        errcode = 'PT404',
        message = 'video_not_found',
        detail = 'There is no video with this id.';
end
$$;

comment on function private.raise_video_not_found(uuid) is
'Refuses a video the caller cannot see; never returns. Unknown, hidden, deleted and '
'not-yours look the same. Errors: video_not_found; video_expired for the owner alone.';

revoke all on function private.raise_video_not_found(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.raise_video_not_found(uuid)
to anon, authenticated, service_role;
