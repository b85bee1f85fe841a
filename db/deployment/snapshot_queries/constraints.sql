select
    'constraint' as kind,
    quote_ident(c.conname) || ' on ' || r.identity as identity,
    r.identity as relation,
    concat_ws(
        e'\n',
        pg_get_constraintdef(c.oid),
        'comment ' || obj_description(c.oid, 'pg_constraint')
    ) as definition
from relations as r
inner join pg_constraint as c on r.oid = c.conrelid
where c.contype in ('c', 'f', 'p', 'u', 'x') and c.conparentid = 0;
