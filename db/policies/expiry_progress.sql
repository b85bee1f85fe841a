-- Written by announce_removals() alone.

alter table private.expiry_progress enable row level security;

revoke all on private.expiry_progress from public, anon, authenticated, service_role;
