create or replace view ops.alarms
with (security_invoker = true) as
select
    a.id,
    a.kind,
    a.subject,
    a.detail,
    a.times,
    a.raised_at,
    a.last_raised_at
from private.alarms as a
where a.settled_at is null;

comment on view ops.alarms is
'What needs a person, with what to type. ops.settle_alarm(id) closes one by hand.';

revoke all on ops.alarms from public, anon, authenticated, service_role;
