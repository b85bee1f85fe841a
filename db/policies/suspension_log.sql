-- Written by ops.suspend_user() and ops.unsuspend_user().

alter table private.suspension_log enable row level security;

revoke all on private.suspension_log from public, anon, authenticated, service_role;
