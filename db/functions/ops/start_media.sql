create or replace function ops.start_media()
returns void
language plpgsql
set search_path = ''
as $$
begin
    update private.media_worker_state as w
    set
        paused_until = null,
        stopped_at = null,
        stop_reason = null
    where w.singleton;

    update private.alarms as a
    set settled_at = now()
    where a.kind = 'media_stopped' and a.settled_at is null;
end
$$;

comment on function ops.start_media() is
'Lets the deletion workers call ImageKit again after a stop or a pause.';

revoke all on function ops.start_media()
from public, anon, authenticated, service_role;
