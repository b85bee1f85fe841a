create or replace function public.delete_video(video_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform private.delete_video(delete_video.video_id);
end
$$;

comment on function public.delete_video(uuid) is
'Deletes a video of the caller: gone for everybody at once, its files and rows follow. '
'Asking again is fine. Errors: sign_in_required, suspended, rate_limited; video_not_found, '
'also for anybody else''s; video_expired.';

revoke all on function public.delete_video(uuid)
from public, anon, authenticated, service_role;
grant execute on function public.delete_video(uuid)
to authenticated, service_role;
