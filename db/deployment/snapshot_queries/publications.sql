select
    'publication' as kind,
    quote_ident(p.pubname) || ' of ' || r.identity as identity,
    r.identity as relation,
    concat_ws(
        e'\n',
        'columns ' || m.prattrs::text,
        'where ' || pg_get_expr(m.prqual, m.prrelid)
    ) as definition
from relations as r
inner join pg_publication_rel as m on r.oid = m.prrelid
inner join pg_publication as p on m.prpubid = p.oid;
