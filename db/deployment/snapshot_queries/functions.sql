select
    'function' as kind,
    p.identity,
    p.identity as relation,
    concat_ws(
        e'\n',
        case when p.prokind <> 'a' then rtrim(pg_get_functiondef(p.oid), e'\n') end,
        'owner ' || pg_get_userbyid(p.proowner),
        g.lines,
        'comment ' || obj_description(p.oid, 'pg_proc')
    ) as definition
from routines as p
left join grants as g on p.oid = g.oid and g.class = 'pg_proc'::regclass;
