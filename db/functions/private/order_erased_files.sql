create or replace function private.order_erased_files()
returns trigger
language plpgsql
security definer -- nobody but this project's functions writes deletion orders
set search_path = ''
as $$
begin
    -- Before the rows that know the files are cascaded away.
    perform private.order_files(
        array(select v.id from public.videos as v where v.user_id = old.user_id),
        'erased'
    );
    perform private.order_file(t.file_path, t.file_id, 'erased')
    from private.upload_tickets as t
    where
        t.user_id = old.user_id
        and t.purpose = 'avatar'
        and t.state = 'published'
        and right(old.avatar, char_length(t.file_path)) = t.file_path;

    -- What was uploaded and not published is swept, once nothing can follow.
    update private.upload_tickets as t
    set
        state = 'expired',
        reason = 'account_erased',
        next_check_at = greatest(
            now(),
            t.expires_at + (
                select s.ticket_grace from private.settings as s where s.singleton
            )
        )
    where t.user_id = old.user_id and t.state in ('issued', 'uploaded');
    return old;
end
$$;

comment on function private.order_erased_files() is
'Trigger, before a profile and with it all of a person''s videos go: orders the deletion '
'of every file of that person at once.';

revoke all on function private.order_erased_files()
from public, anon, authenticated, service_role;
