create or replace function private.lock_upload(
    user_id text,
    ticket_id uuid,
    purpose text
)
returns private.upload_tickets
language plpgsql
set search_path = ''
as $$
declare
    v_ticket private.upload_tickets;
begin
    perform private.refuse_suspended(lock_upload.user_id);

    select * into v_ticket
    from private.upload_tickets as t
    where
        t.id = lock_upload.ticket_id
        and t.user_id = lock_upload.user_id
        and t.purpose = lock_upload.purpose
    for update;

    if not found then
        raise exception using
            errcode = 'PT404',
            message = 'upload_not_found',
            detail = format('You have no %s upload with this id.', lock_upload.purpose);
    end if;
    if
        v_ticket.state in ('failed', 'expired', 'swept')
        or (
            v_ticket.state = 'issued'
            and now() >= v_ticket.expires_at + (
                select s.ticket_grace from private.settings as s where s.singleton
            )
        )
    then
        raise exception using
            errcode = 'PT410',
            message = 'upload_expired',
            detail = 'The upload was not published in time.',
            hint = 'Open a new upload and send the file again.';
    end if;
    return v_ticket;
end
$$;

comment on function private.lock_upload(text, uuid, text) is
'A person''s ticket that is still good, locked until the transaction ends: publishing '
'once rests on this lock. Errors: suspended, upload_not_found, '
'upload_expired.';

revoke all on function private.lock_upload(text, uuid, text)
from public, anon, authenticated, service_role;
