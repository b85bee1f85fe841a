create or replace function private.may_call_media()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
    return not exists (
        select
        from private.media_worker_state as w
        where w.stopped_at is not null or w.paused_until > now()
    );
end
$$;

comment on function private.may_call_media() is
'May workers call ImageKit now, neither paused by a 429 nor stopped by a refused key?';

revoke all on function private.may_call_media()
from public, anon, authenticated, service_role;
