-- Reached through the functions that refuse, and by administrators.

alter table private.user_suspensions enable row level security;

revoke all on private.user_suspensions from public, anon, authenticated, service_role;
