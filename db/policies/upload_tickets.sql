-- Reached through the functions of media_worker alone.

alter table private.upload_tickets enable row level security;

revoke all on private.upload_tickets from public, anon, authenticated, service_role;

create trigger move_ticket_on_update
before update on private.upload_tickets
for each row execute function private.move_ticket();
