-- plpgsql_check over every function: trigger functions with each table they hang on.

create view lint.allowed_plpgsql_problems (
    function_name, message_pattern, reason
) as
values
('ops.set_setting', 'not sanitized', 'the type is a name from the catalogue'),
('private.drop_leaf', 'not sanitized', 'the tables are names from the catalogue'),
('private.ensure_day', 'not sanitized', 'the parents are two constants');

comment on view lint.allowed_plpgsql_problems is
'What plpgsql_check cannot know better.';

create view lint.plpgsql_problems as
select
    f.object,
    format('line %s: %s (%s)', c.lineno, c.message, c.level) as finding
from lint.functions as f
inner join pg_language as l on f.language_id = l.oid and l.lanname = 'plpgsql'
left join (
    select distinct
        t.tgfoid,
        t.tgrelid,
        t.tgoldtable,
        t.tgnewtable
    from pg_trigger as t
    where not t.tgisinternal and t.tgparentid = 0
) as t on f.oid = t.tgfoid
cross join lateral extensions.plpgsql_check_function_tb(
    funcoid => f.oid::regprocedure,
    relid => coalesce(t.tgrelid, 0)::regclass,
    oldtable => t.tgoldtable,
    newtable => t.tgnewtable,
    other_warnings => true,
    extra_warnings => true,
    security_warnings => true,
    performance_warnings => false,
    fatal_errors => false
) as c
where
    (not f.is_trigger or t.tgfoid is not null)
    and c.level in ('error', 'warning', 'warning extra', 'security')
    and not exists (
        select
        from lint.allowed_plpgsql_problems as a
        where
            f.schema_name || '.' || f.function_name = a.function_name
            and c.message ~ a.message_pattern
    )
union all
select
    f.object,
    'no trigger calls it' as finding
from lint.functions as f
where
    f.is_trigger
    and not exists (select from pg_trigger as t where t.tgfoid = f.oid);

comment on view lint.plpgsql_problems is
'What plpgsql_check finds in the bodies: wrong names and types, variables never read, '
'statements open to injection.';
