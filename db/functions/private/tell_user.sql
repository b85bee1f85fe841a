create or replace function private.tell_user(user_id text, event text, payload jsonb)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if not private.is_suspended(tell_user.user_id) then
        perform private.send_live(
            'user:' || tell_user.user_id, tell_user.event, tell_user.payload
        );
    end if;
end
$$;

comment on function private.tell_user(text, text, jsonb) is
'Sends a message that concerns one person to his own topic; nothing while he is '
'suspended.';

revoke all on function private.tell_user(text, text, jsonb)
from public, anon, authenticated, service_role;
