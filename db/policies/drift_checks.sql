-- Written by check_drift(), for administrators.

alter table private.drift_checks enable row level security;

revoke all on private.drift_checks from public, anon, authenticated, service_role;
