-- depends: private/check_health
create or replace view ops.health
with (security_invoker = true) as
select
    c.name,
    c.ok,
    c.value,
    c.detail
from private.check_health() as c;

comment on view ops.health is
'Is all well that nobody sees when it is not? A row for each check of '
'private.check_health(), with what is wrong and where to look. /api/health/ready '
'answers 503 when one is not ok.';
comment on column ops.health.name is
'What was looked at: deploy, cron, retention, deletions, breaker or drift.';
comment on column ops.health.ok is 'Nothing is wrong with it.';
comment on column ops.health.value is
'The number to watch; private.check_health() says what it counts.';

revoke all on ops.health from public, anon, authenticated, service_role;
