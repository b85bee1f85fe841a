-- Postgres's own triggers, of foreign keys, count only when somebody disabled one.
select
    'trigger' as kind,
    quote_ident(t.tgname) || ' on ' || r.identity as identity,
    r.identity as relation,
    concat_ws(
        e'\n',
        pg_get_triggerdef(t.oid),
        case t.tgenabled
            when 'D' then 'disabled'
            when 'R' then 'enabled on replicas only'
            when 'A' then 'enabled always'
        end,
        'comment ' || obj_description(t.oid, 'pg_trigger')
    ) as definition
from relations as r
inner join pg_trigger as t on r.oid = t.tgrelid
where not t.tgisinternal or t.tgenabled <> 'O';
