create or replace view ops.media_backlog
with (security_invoker = true) as
select
    m.kind,
    m.reason,
    m.state,
    count(*) as orders,
    count(*) filter (where m.not_before <= now()) as due,
    min(m.not_before) as oldest,
    max(m.attempts) as attempts,
    max(m.last_error) as an_error
from private.media_deletions as m
where m.state in ('queued', 'stopped')
group by m.kind, m.reason, m.state;

comment on view ops.media_backlog is
'Deletion orders that are not carried out yet, summed up. Nothing due for longer than '
'some minutes is as it should be.';

comment on column ops.media_backlog.orders is 'Number of orders.';
comment on column ops.media_backlog.due is 'Those that could be carried out now.';
comment on column ops.media_backlog.oldest is 'When the first of them is or was due.';
comment on column ops.media_backlog.an_error is
'What went wrong with one of them, when something did.';

revoke all on ops.media_backlog from public, anon, authenticated, service_role;
