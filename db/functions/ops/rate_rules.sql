create or replace view ops.rate_rules
with (security_invoker = true) as
select
    r.action,
    r.burst,
    r.per,
    r.step,
    count(s.subject) filter (where s.full_at > now()) as callers,
    count(s.subject) filter (
        where s.full_at + r.step > now() + r.per
    ) as refused_callers
from private.rate_rules as r
left join private.rate_states as s on r.action = s.action and r.per = s.per
group by r.action, r.per;

comment on view ops.rate_rules is
'How often one caller may do what, and how many are at it now. Change a rule with '
'ops.set_rate_rule(action, burst, per).';
comment on column ops.rate_rules.callers is
'Who has not everything back: signed-in people, and the addresses of others.';
comment on column ops.rate_rules.refused_callers is
'Those of them whose next go would be refused.';

revoke all on ops.rate_rules from public, anon, authenticated, service_role;
