create or replace function ops.release_hold(video_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_reason text;
begin
    delete from private.video_holds as h
    where h.video_id = release_hold.video_id
    returning h.reason into v_reason;

    if not found then
        raise exception 'nobody holds the video %', release_hold.video_id
            using errcode = 'no_data_found';
    end if;

    insert into private.moderation_log (video_id, action, reason)
    values (release_hold.video_id, 'release', v_reason);
end
$$;

comment on function ops.release_hold(uuid) is
'Ends the hold of ops.hold_video(): what has outlived the retention or was deleted '
'meanwhile goes with the next run, its files with it. Logged in private.moderation_log '
'with the hold''s reason. Errors: no_data_found.';

revoke all on function ops.release_hold(uuid)
from public, anon, authenticated, service_role;
