create or replace function private.pause_media(pause interval)
returns void
language plpgsql
security definer -- media_worker holds no grant on the state of workers
set search_path = ''
as $$
begin
    update private.media_worker_state as w
    set
        -- A little later for each, or all workers come back in the same moment.
        paused_until = greatest(
            w.paused_until,
            now() + least(pause_media.pause, interval '1 hour') * (1 + random() / 10)
        )
    where w.singleton;
end
$$;

comment on function private.pause_media(interval) is
'Keeps all workers from calling ImageKit for a while, an hour at most: for as long as a '
'429 asks.';

revoke all on function private.pause_media(interval)
from public, anon, authenticated, service_role;
grant execute on function private.pause_media(interval)
to media_worker;
