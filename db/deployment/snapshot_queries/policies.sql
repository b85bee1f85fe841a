-- Those of our tables, and ours on tables of others, which have a prefix.
select
    'policy' as kind,
    quote_ident(p.polname) || ' on ' || p.polrelid::regclass as identity,
    p.polrelid::regclass::text as relation,
    concat_ws(
        e'\n',
        case when p.polpermissive then 'permissive' else 'restrictive' end,
        'for ' || case p.polcmd
            when 'r' then 'select'
            when 'a' then 'insert'
            when 'w' then 'update'
            when 'd' then 'delete'
            else 'all'
        end,
        'to ' || (
            select
                string_agg(
                    case when m.oid = 0 then 'public' else pg_get_userbyid(m.oid) end,
                    ', ' order by m.oid
                )
            from unnest(p.polroles) as m (oid)
        ),
        'using ' || pg_get_expr(p.polqual, p.polrelid),
        'with check ' || pg_get_expr(p.polwithcheck, p.polrelid),
        'comment ' || obj_description(p.oid, 'pg_policy')
    ) as definition
from pg_policy as p
left join relations as r on p.polrelid = r.oid
where r.oid is not null or starts_with(p.polname, 'ig_live_');
