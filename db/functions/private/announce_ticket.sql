create or replace function private.announce_ticket()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if new.state = 'published' then
        perform private.tell_user(
            new.user_id,
            'upload_published',
            jsonb_build_object(
                'ticket_id', new.id, 'purpose', new.purpose, 'video_id', new.video_id
            )
        );
    else
        perform private.tell_user(
            new.user_id,
            'upload_failed',
            jsonb_build_object(
                'ticket_id', new.id,
                'purpose', new.purpose,
                'state', new.state,
                'reason', new.reason
            )
        );
    end if;
    return null;
end
$$;

comment on function private.announce_ticket() is
'Trigger, when an upload has been published or given up: tells whose it is.';

revoke all on function private.announce_ticket()
from public, anon, authenticated, service_role;
