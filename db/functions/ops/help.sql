create or replace function ops.help(word text default '')
returns table (
    kind text,
    name text,
    purpose text
)
language plpgsql
stable
set search_path = ''
as $$
begin
    -- Asked of the catalogue: what is there is listed, and what is listed is there.
    return query
    with objects as (
        select
            'view' as kind,
            format('ops.%s', c.relname) as name,
            obj_description(c.oid, 'pg_class') as comment
        from pg_catalog.pg_class as c
        where c.relnamespace = 'ops'::regnamespace and c.relkind = 'v'
        union all
        select
            case p.prokind when 'p' then 'procedure' else 'function' end,
            format('ops.%s(%s)', p.proname, pg_get_function_arguments(p.oid)),
            obj_description(p.oid, 'pg_proc')
        from pg_catalog.pg_proc as p
        where p.pronamespace = 'ops'::regnamespace
    )

    select
        o.kind,
        o.name,
        -- The first sentence: up to a full stop with a space after it.
        regexp_replace(o.comment, '(?<=[.:])\s.*$', '')
    from objects as o
    where strpos(lower(o.name || ' ' || o.comment), lower(help.word)) > 0
    order by o.kind desc, o.name;
end
$$;

comment on function ops.help(text) is
'Lists every view and function for administrators with what it is for. word: only those '
'that have it in their name or comment. All of a comment: \d+ and \df+ in psql.';

revoke all on function ops.help(text)
from public, anon, authenticated, service_role;
