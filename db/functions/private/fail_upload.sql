create or replace function private.fail_upload(
    user_id text,
    ticket_id uuid,
    reason text,
    file jsonb default null
)
returns boolean
language plpgsql
security definer -- media_worker holds no grant on tickets and orders
set search_path = ''
as $$
declare
    v_ticket private.upload_tickets;
begin
    select * into v_ticket
    from private.upload_tickets as t
    where
        t.id = fail_upload.ticket_id
        and t.user_id = fail_upload.user_id
        and t.state in ('issued', 'uploaded')
    for update;

    -- A file that lies anywhere else is somebody else's: it neither spoils this ticket
    -- nor is it ours to delete.
    if
        not found
        or (
            fail_upload.file is not null
            and (fail_upload.file ->> 'filePath') is distinct from v_ticket.file_path
        )
    then
        return false;
    end if;

    if fail_upload.file ->> 'fileId' is not null then
        perform private.order_file(
            v_ticket.file_path, fail_upload.file ->> 'fileId', 'failed'
        );
    end if;
    update private.upload_tickets as t
    set
        state = 'failed',
        reason = fail_upload.reason,
        -- Its token is good until it expires: whatever comes by then is swept as well.
        next_check_at = greatest(
            now(),
            t.expires_at + (
                select s.ticket_grace from private.settings as s where s.singleton
            )
        )
    where t.id = v_ticket.id;
    return true;
end
$$;

comment on function private.fail_upload(text, uuid, text, jsonb) is
'Gives an upload up whose file is not what its ticket was opened for, with a reason for '
'its owner, and orders that file deleted when it lies at the ticket''s own path. file: '
'ImageKit''s details, null when there is no file. True when the ticket failed now.';

revoke all on function private.fail_upload(text, uuid, text, jsonb)
from public, anon, authenticated, service_role;
grant execute on function private.fail_upload(text, uuid, text, jsonb)
to media_worker;
