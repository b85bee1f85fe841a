select
    'rule' as kind,
    quote_ident(w.rulename) || ' on ' || r.identity as identity,
    r.identity as relation,
    pg_get_ruledef(w.oid) as definition
from relations as r
inner join pg_rewrite as w on r.oid = w.ev_class
where w.rulename <> '_RETURN';
