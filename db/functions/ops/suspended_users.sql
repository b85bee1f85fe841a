create or replace view ops.suspended_users
with (security_invoker = true) as
select
    s.user_id,
    p.username,
    s.ends_at,
    s.reason
from private.user_suspensions as s
left join public.user_profiles as p on s.user_id = p.user_id
where s.ends_at is null or s.ends_at > now();

comment on view ops.suspended_users is
'Who may not write now. ops.suspend_user() and ops.unsuspend_user() change it; '
'private.suspension_log has what was before.';

revoke all on ops.suspended_users from public, anon, authenticated, service_role;
