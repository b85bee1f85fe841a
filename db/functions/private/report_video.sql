create or replace function private.report_video(video_id uuid, reason text)
returns void
language plpgsql
security definer -- no client may read or write reports
set search_path = ''
as $$
declare
    v_viewer_id text := private.require_viewer();
    v_reason text := private.clean_text(report_video.reason);
begin
    perform private.admit_viewer('report_video');
    perform private.require_visible_video(report_video.video_id);

    if
        v_reason is null
        or char_length(v_reason) > 500
        or not private.is_visible_text(v_reason)
    then
        raise exception using
            errcode = 'PT400',
            message = 'reason_invalid',
            detail = 'A report gives its reason in 1 to 500 characters.';
    end if;

    insert into private.video_reports as r (video_id, reporter_id, reason)
    values (report_video.video_id, v_viewer_id, v_reason)
    on conflict on constraint video_reports_pkey do update
    set reason = excluded.reason;
end
$$;

comment on function private.report_video(uuid, text) is
'Notes the caller''s complaint about a video; a second one replaces the reason. '
'Errors: sign_in_required, suspended, rate_limited, video_not_found, video_expired, '
'reason_invalid.';

revoke all on function private.report_video(uuid, text)
from public, anon, authenticated, service_role;
grant execute on function private.report_video(uuid, text)
to authenticated, service_role;
