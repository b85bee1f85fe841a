create or replace function private.stop_media(reason text)
returns void
language plpgsql
security definer -- media_worker holds no grant on the state of workers
set search_path = ''
as $$
begin
    update private.media_worker_state as w
    set
        stopped_at = coalesce(w.stopped_at, now()),
        stop_reason = left(stop_media.reason, 500)
    where w.singleton;

    perform private.raise_alarm(
        'media_stopped',
        'workers',
        format(
            'The media service refuses our key: %s. Once it works again: '
            'select ops.start_media().',
            left(stop_media.reason, 200)
        )
    );
end
$$;

comment on function private.stop_media(text) is
'Keeps all workers from calling ImageKit, which refused the key (401, 403), until an '
'administrator calls ops.start_media(); raises an alarm.';

revoke all on function private.stop_media(text)
from public, anon, authenticated, service_role;
grant execute on function private.stop_media(text)
to media_worker;
