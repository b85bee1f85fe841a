create or replace function public.report_video(video_id uuid, reason text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform private.report_video(report_video.video_id, report_video.reason);
end
$$;

comment on function public.report_video(uuid, text) is
'Complains about a visible video to the administrators; one report per person and '
'video, a second one replaces the reason (1 to 500 characters). '
'Errors: sign_in_required, suspended, rate_limited, video_not_found, video_expired, '
'reason_invalid.';

revoke all on function public.report_video(uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.report_video(uuid, text)
to authenticated, service_role;
