-- depends: private/statement_statistics
create or replace view ops.top_statements
with (security_invoker = true) as
select
    s.role_name,
    s.calls,
    round(s.total_ms::numeric / 1000, 1) as total_s,
    round((s.total_ms / nullif(s.calls, 0))::numeric, 2) as mean_ms,
    round((100 * s.total_ms / nullif(sum(s.total_ms) over (), 0))::numeric, 1) as share,
    round(s.rows_count::numeric / nullif(s.calls, 0), 1) as rows_a_call,
    round((s.blocks_hit + s.blocks_read)::numeric / nullif(s.calls, 0), 1)
        as blocks_a_call,
    regexp_replace(s.query, '\s+', ' ', 'g') as query
from private.statement_statistics() as s
order by s.total_ms desc
limit 50;

comment on view ops.top_statements is
'The 50 statements this database has spent most time on, the worst first, since '
'pg_stat_statements began to count. Empty, with a hint, where that is not installed. Who '
'is no member of pg_read_all_stats sees the texts of his own statements only.';
comment on column ops.top_statements.role_name is
'Who ran it: api_anon, api_user and api_media are the API, authenticator is Supabase.';
comment on column ops.top_statements.calls is 'How often it ran.';
comment on column ops.top_statements.total_s is 'Seconds spent on it in all.';
comment on column ops.top_statements.mean_ms is 'Milliseconds a call, on average.';
comment on column ops.top_statements.share is
'Percent of the time spent on all statements.';
comment on column ops.top_statements.rows_a_call is 'Rows a call, on average.';
comment on column ops.top_statements.blocks_a_call is
'Blocks of 8 kB it looked at, in memory or not. Grows where an index is missing.';
comment on column ops.top_statements.query is 'Its text, in one line; $1 for each value.';

revoke all on ops.top_statements from public, anon, authenticated, service_role;
