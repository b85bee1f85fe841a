create or replace view ops.table_sizes
with (security_invoker = true) as
select
    format('%s.%s', n.nspname, r.relname) as table_name,
    count(l.oid) filter (where l.relkind <> 'p' and l.oid <> r.oid) as leaves,
    -- What autovacuum last counted, or the statistics since.
    sum(
        case
            when l.reltuples >= 0 then l.reltuples::bigint
            else pg_catalog.pg_stat_get_live_tuples(l.oid)
        end
    ) filter (where l.relkind <> 'p') as about_rows,
    sum(pg_catalog.pg_stat_get_dead_tuples(l.oid)) as dead_rows,
    sum(pg_catalog.pg_table_size(l.oid)) as table_bytes,
    sum(pg_catalog.pg_indexes_size(l.oid)) as index_bytes,
    sum(pg_catalog.pg_total_relation_size(l.oid)) as total_bytes,
    pg_catalog.pg_size_pretty(sum(pg_catalog.pg_total_relation_size(l.oid))) as size
from pg_catalog.pg_class as r
inner join pg_catalog.pg_namespace as n on r.relnamespace = n.oid
-- A partitioned table has nothing itself; its leaves have.
inner join lateral (
    select r.oid
    union
    select t.relid
    from pg_catalog.pg_partition_tree(r.oid) as t
) as p on true
inner join pg_catalog.pg_class as l on p.oid = l.oid
where n.nspname in ('public', 'private', 'deploy') and r.relkind in ('r', 'p')
group by n.nspname, r.relname
order by total_bytes desc;

comment on view ops.table_sizes is
'What each table takes, the largest first, those stored by the day with all their days.';
comment on column ops.table_sizes.table_name is 'Its name, with the schema.';
comment on column ops.table_sizes.leaves is
'How many days it is stored in; 0 for a table that is not stored by the day.';
comment on column ops.table_sizes.about_rows is 'Rows, about.';
comment on column ops.table_sizes.dead_rows is
'Rows that are gone and whose space is not free yet. More than live ones for hours: an '
'old transaction keeps them; look for it in pg_stat_activity.';
comment on column ops.table_sizes.table_bytes is 'Without indexes.';
comment on column ops.table_sizes.index_bytes is 'Its indexes alone.';
comment on column ops.table_sizes.total_bytes is 'Both, and what is stored aside.';
comment on column ops.table_sizes.size is 'total_bytes, for people.';

revoke all on ops.table_sizes from public, anon, authenticated, service_role;
