create or replace function private.move_ticket()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    if
        new.state <> old.state
        and (old.state, new.state) not in (
            ('issued', 'uploaded'),
            ('issued', 'published'),
            ('issued', 'failed'),
            ('issued', 'expired'),
            ('uploaded', 'published'),
            ('uploaded', 'failed'),
            ('uploaded', 'expired'),
            ('failed', 'swept'),
            ('expired', 'swept')
        )
    then
        raise exception 'a ticket cannot go from % to %', old.state, new.state
            using errcode = 'check_violation';
    end if;
    new.updated_at := now();
    return new;
end
$$;

comment on function private.move_ticket() is
'Trigger: a ticket goes from issued to uploaded to published, from the first two to '
'failed or expired, and from those to swept. Errors: check_violation otherwise.';

revoke all on function private.move_ticket()
from public, anon, authenticated, service_role;
