-- The list of all conventions, so that none is forgotten.

create view lint.rules as
select
    c.relname::text as rule_name,
    obj_description(c.oid, 'pg_class') as sentence
from pg_class as c
inner join pg_attribute as a on c.oid = a.attrelid
where
    c.relnamespace = 'lint'::regnamespace
    and c.relkind = 'v'
    and a.attname = 'finding';

comment on view lint.rules is
'Every view of this schema that lists findings, with what it wants.';

create function lint.findings(rule_name text)
returns setof text
language plpgsql
set search_path = ''
as $$
begin
    return query execute format(
        'select object || '': '' || finding from lint.%I order by 1', findings.rule_name
    );
end
$$;

comment on function lint.findings(text) is 'What breaks one convention, a line each.';
