create or replace function private.announce_suspension()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    -- Past the check that would keep it from him.
    perform private.send_live(
        'user:' || new.user_id,
        'suspended',
        jsonb_build_object('ends_at', private.utc_text(new.ends_at))
    );
    return null;
end
$$;

comment on function private.announce_suspension() is
'Trigger, when a person is suspended: tells him, as the last that he is told.';

revoke all on function private.announce_suspension()
from public, anon, authenticated, service_role;
