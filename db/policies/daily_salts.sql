-- Read by viewer_key() alone: with a salt, hashes lead back to addresses.

alter table private.daily_salts enable row level security;

revoke all on private.daily_salts from public, anon, authenticated, service_role;
