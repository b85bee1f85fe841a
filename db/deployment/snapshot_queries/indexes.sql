select
    'index' as kind,
    i.indexrelid::regclass::text || ' on ' || r.identity as identity,
    r.identity as relation,
    concat_ws(
        e'\n',
        pg_get_indexdef(i.indexrelid),
        case when not i.indisvalid then 'invalid' end,
        'comment ' || obj_description(i.indexrelid, 'pg_class')
    ) as definition
from relations as r
inner join pg_index as i on r.oid = i.indrelid
where not exists (
    select from pg_constraint as c
    where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x')
);
