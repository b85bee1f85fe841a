select
    'type' as kind,
    t.identity,
    t.identity as relation,
    concat_ws(
        e'\n',
        case
            when t.typtype = 'd'
                then concat_ws(
                    ' ',
                    'domain over',
                    format_type(t.typbasetype, t.typtypmod),
                    case when t.typnotnull then 'not null' end,
                    'default ' || t.typdefault
                )
        end,
        (
            select
                string_agg(
                    'check ' || quote_ident(c.conname) || ' '
                    || pg_get_constraintdef(c.oid),
                    e'\n' order by c.conname
                )
            from pg_constraint as c
            where c.contypid = t.oid and c.contype = 'c'
        ),
        (
            select string_agg('label ' || e.enumlabel, e'\n' order by e.enumsortorder)
            from pg_enum as e
            where e.enumtypid = t.oid
        ),
        'owner ' || pg_get_userbyid(t.typowner),
        g.lines,
        'comment ' || obj_description(t.oid, 'pg_type')
    ) as definition
from types as t
left join grants as g on t.oid = g.oid and g.class = 'pg_type'::regclass;
