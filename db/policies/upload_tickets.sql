-- Reached through the functions of media_worker alone.

alter table private.upload_tickets enable row level security;

revoke all on private.upload_tickets from public, anon, authenticated, service_role;

create trigger move_ticket_on_update
before update on private.upload_tickets
for each row execute function private.move_ticket();

-- A thumbnail is published with its video; what was never sent has nobody waiting.
create trigger announce_ticket_on_update
after update of state on private.upload_tickets
for each row when (
    old.state <> new.state
    and (
        (new.state = 'published' and new.purpose <> 'thumbnail')
        or new.state = 'failed'
        or (new.state = 'expired' and old.state = 'uploaded')
    )
)
execute function private.announce_ticket();
