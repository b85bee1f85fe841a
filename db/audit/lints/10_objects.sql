-- The conventions, as questions to the catalogue. Each view lists what breaks one of
-- them, as (object, finding), and must be empty. `make audit` asks those of this folder
-- of any database, in a transaction that is taken back; tests/db/test_conventions.sql
-- asks them and those of tests/support/sql; tests/db/test_conventions.py sees each
-- answer to a planted fault.

create schema lint;

create view lint.schemas as
select
    n.oid,
    n.nspname as schema_name
from pg_namespace as n
where n.nspname in ('public', 'private', 'partitions', 'ops', 'deploy');

comment on view lint.schemas is 'The rooms the conventions hold in.';

create view lint.relations as
select
    c.oid,
    s.schema_name,
    c.relname as relation_name,
    c.relkind as kind,
    format('%s.%s', s.schema_name, c.relname) as object,
    c.relrowsecurity as has_rls,
    c.reloptions as options,
    c.relacl as acl,
    c.relowner as owner_id
from pg_class as c
inner join lint.schemas as s on c.relnamespace = s.oid
where
    c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (
        select
        from pg_depend as d
        where
            d.classid = 'pg_class'::regclass
            and d.objid = c.oid
            and d.deptype = 'e'
    );

comment on view lint.relations is 'Tables and views, but those of extensions.';

create view lint.functions as
select
    p.oid,
    s.schema_name,
    p.proname as function_name,
    p.oid::regprocedure::text as object,
    p.prosrc as source,
    p.prosqlbody is not null as is_parsed,
    p.prosecdef as is_definer,
    p.provolatile = 'v' as is_volatile,
    p.proconfig as settings,
    p.prolang as language_id,
    p.prorettype = 'trigger'::regtype as is_trigger,
    coalesce(p.proacl, acldefault('f', p.proowner)) as acl,
    obj_description(p.oid, 'pg_proc') as description
from pg_proc as p
inner join lint.schemas as s on p.pronamespace = s.oid
where not exists (
    select
    from pg_depend as d
    where
        d.classid = 'pg_proc'::regclass
        and d.objid = p.oid
        and d.deptype = 'e'
);

comment on view lint.functions is 'Functions, but those of extensions.';

create view lint.policies as
select
    o.table_name || ' ' || p.polname as object,
    o.table_name,
    p.polrelid as table_id,
    -- On a table of others it has a prefix besides.
    regexp_replace(p.polname, '^ig_live_', '') as policy_name,
    p.polcmd as command_letter,
    c.command,
    p.polpermissive as is_permissive,
    p.polroles as role_ids,
    coalesce(pg_get_expr(p.polqual, p.polrelid), '') as using_text,
    coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '') as check_text
from pg_policy as p
left join lint.relations as r on p.polrelid = r.oid
cross join lateral (
    select coalesce(r.object, p.polrelid::regclass::text) as table_name
) as o
cross join lateral (
    select
        case p.polcmd
            when 'r' then 'select'
            when 'a' then 'insert'
            when 'w' then 'update'
            when 'd' then 'delete'
            else 'all'
        end as command
) as c
where r.oid is not null or starts_with(p.polname, 'ig_live_');

comment on view lint.policies is
'Row policies of our tables, and ours on tables of others.';

create view lint.statements as
select
    f.object,
    f.function_name,
    -- Without comments, string literals and quoted names: what is left is code.
    regexp_replace(
        regexp_replace(
            regexp_replace(f.source, '/\*.*?\*/|--[^\n]*', '', 'g'),
            '''(?:[^'']|'''')*''', '''''', 'g'
        ),
        '"[^"]*"', '""', 'g'
    ) as code,
    f.source
from lint.functions as f
where not f.is_parsed;

comment on view lint.statements is 'Bodies that Postgres keeps as text.';
