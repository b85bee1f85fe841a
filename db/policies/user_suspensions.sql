-- Reached through the functions that refuse, and by administrators.

alter table private.user_suspensions enable row level security;

revoke all on private.user_suspensions from public, anon, authenticated, service_role;

create trigger announce_suspension_on_write
after insert or update on private.user_suspensions
for each row when (new.ends_at is null or new.ends_at > now())
execute function private.announce_suspension();
