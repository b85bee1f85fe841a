-- Raised by functions, read in ops.alarms.

alter table private.alarms enable row level security;

revoke all on private.alarms from public, anon, authenticated, service_role;
