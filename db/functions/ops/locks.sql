create or replace view ops.locks
with (security_invoker = true) as
select
    w.pid as waiting_pid,
    w.usename as waiting_role,
    now() - w.query_start as running_for,
    l.mode as wants,
    coalesce(l.relation::regclass::text, l.locktype) as wants_of,
    left(w.query, 200) as waiting_query,
    b.pid as blocking_pid,
    b.usename as blocking_role,
    b.state as blocking_state,
    now() - b.xact_start as blocking_for,
    left(b.query, 200) as blocking_query,
    format('select pg_terminate_backend(%s);', b.pid) as ends_it
from pg_catalog.pg_stat_activity as w
cross join lateral unnest(pg_catalog.pg_blocking_pids(w.pid)) as k (pid)
inner join pg_catalog.pg_stat_activity as b on k.pid = b.pid
left join lateral (
    select
        o.mode,
        o.relation,
        o.locktype
    from pg_catalog.pg_locks as o
    where o.pid = w.pid and not o.granted
    -- A session waits for one lock at a time.
    limit 1 -- noqa: AM09
) as l on true
where w.datname = current_database() and w.wait_event_type = 'Lock'
order by b.xact_start, w.query_start;

comment on view ops.locks is
'Who waits for whom now, the longest blocker first; empty is as it should be. Who blocks '
'and waits for nobody himself is the one to look at. Texts of other roles are shown to '
'members of pg_read_all_stats.';
comment on column ops.locks.waiting_pid is 'The session that waits.';
comment on column ops.locks.waiting_role is 'Who is waiting.';
comment on column ops.locks.running_for is 'Since when the waiting statement runs.';
comment on column ops.locks.wants is 'The lock it waits for.';
comment on column ops.locks.wants_of is
'The table it is of, or what else: a transaction that has changed the same row, say.';
comment on column ops.locks.waiting_query is 'Its statement.';
comment on column ops.locks.blocking_pid is 'The session it waits for.';
comment on column ops.locks.blocking_role is 'Who is blocking.';
comment on column ops.locks.blocking_state is
'"idle in transaction" is somebody who forgot to commit.';
comment on column ops.locks.blocking_for is 'How old the blocker''s transaction is.';
comment on column ops.locks.blocking_query is
'What the blocker runs, or ran last; not always the statement that took the lock.';
comment on column ops.locks.ends_it is 'What to type when it must end.';

revoke all on ops.locks from public, anon, authenticated, service_role;
