select
    'grants' as kind,
    'on ' || r.identity as identity,
    r.identity as relation,
    g.lines as definition
from relations as r
inner join grants as g on r.oid = g.oid and g.class = 'pg_class'::regclass
where r.relkind in ('r', 'p', 'f');
