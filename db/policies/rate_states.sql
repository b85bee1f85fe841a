-- Reached through private.spend_token() alone.

alter table private.rate_states enable row level security;

revoke all on private.rate_states from public, anon, authenticated, service_role;
