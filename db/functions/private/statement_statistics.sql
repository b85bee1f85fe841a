create or replace function private.statement_statistics()
returns table (
    role_name name,
    calls bigint,
    total_ms double precision,
    rows_count bigint,
    blocks_hit bigint,
    blocks_read bigint,
    query text
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_schema name := (
        select n.nspname
        from pg_catalog.pg_extension as e
        inner join pg_catalog.pg_namespace as n on e.extnamespace = n.oid
        where e.extname = 'pg_stat_statements'
    );
begin
    if v_schema is null then
        raise notice 'Statements are not counted here.'
            using hint = 'create extension pg_stat_statements; it must be among the '
                'shared_preload_libraries, as it is on Supabase.';
        return;
    end if;

    -- Dynamic, because the extension is not everywhere and not in one schema.
    for role_name, calls, total_ms, rows_count, blocks_hit, blocks_read, query in
        execute format(
            'select r.rolname, s.calls, s.total_exec_time, s.rows, s.shared_blks_hit,
                s.shared_blks_read, s.query
            from %I.pg_stat_statements as s
            left join pg_catalog.pg_roles as r on s.userid = r.oid
            where
                s.toplevel
                and s.dbid = (
                    select d.oid
                    from pg_catalog.pg_database as d
                    where d.datname = pg_catalog.current_database()
                )',
            v_schema
        )
    loop
        return next;
    end loop;
exception
    when object_not_in_prerequisite_state then
        raise notice 'Statements are not counted here.'
            using hint = 'Add pg_stat_statements to shared_preload_libraries and restart.';
end
$$;

comment on function private.statement_statistics() is
'What pg_stat_statements has counted in this database, for ops.top_statements; nothing, '
'and a notice of what to do, where there is no such extension.';

revoke all on function private.statement_statistics()
from public, anon, authenticated, service_role;
