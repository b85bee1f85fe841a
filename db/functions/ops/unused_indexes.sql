create or replace view ops.unused_indexes
with (security_invoker = true) as
select
    s.schemaname::text || '.' || s.indexrelname as index_name,
    s.schemaname::text || '.' || s.relname as table_name,
    pg_catalog.pg_relation_size(s.indexrelid) as bytes,
    s.idx_scan as scans,
    d.stats_reset as counted_since
from pg_catalog.pg_stat_user_indexes as s
inner join pg_catalog.pg_index as i on s.indexrelid = i.indexrelid
inner join pg_catalog.pg_stat_database as d on d.datname = current_database()
where
    s.idx_scan = 0
    and s.schemaname in ('public', 'private')
    -- Those keep a rule, used or not.
    and not i.indisunique
    and not i.indisexclusion
order by bytes desc;

comment on view ops.unused_indexes is
'Indexes that no statement has used since counting began, the largest first. Some wait '
'for an occasion (an erasure, a report, a restore): weeks, and every replica, must have '
'gone by before one is dropped, by a migration. Leaves are left out: they go with their '
'day.';
comment on column ops.unused_indexes.index_name is 'Its name, with the schema.';
comment on column ops.unused_indexes.table_name is 'The table it is on.';
comment on column ops.unused_indexes.scans is 'How often it was used: never.';
comment on column ops.unused_indexes.counted_since is
'When counting began; null: with the database.';

revoke all on ops.unused_indexes from public, anon, authenticated, service_role;
