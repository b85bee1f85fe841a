-- For jobs and administrators.

alter table private.retirement_state enable row level security;

revoke all on private.retirement_state from public, anon, authenticated, service_role;
