-- Read and changed by administrators alone.

alter table private.rate_rules enable row level security;

revoke all on private.rate_rules from public, anon, authenticated, service_role;
