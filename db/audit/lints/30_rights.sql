-- Conventions about who may do what.

create view lint.row_security_off as
select
    r.object,
    'row level security is off' as finding
from lint.relations as r
where
    r.schema_name in ('public', 'private', 'partitions')
    and r.kind in ('r', 'p')
    and not r.has_rls;

comment on view lint.row_security_off is
'Tables of public and private, and the daily leaves, without row level security.';

create view lint.views_with_owner_rights as
select
    r.object,
    'does not say security_invoker = true' as finding
from lint.relations as r
where
    r.kind = 'v'
    and not coalesce(r.options @> array['security_invoker=true'], false);

comment on view lint.views_with_owner_rights is
'Views that would read with the rights of their owner, past every policy.';

create view lint.functions_for_everybody as
select
    f.object,
    'PUBLIC may execute it' as finding
from lint.functions as f
cross join lateral aclexplode(f.acl) as a
where a.grantee = 0 and a.privilege_type = 'EXECUTE';

comment on view lint.functions_for_everybody is
'Functions that kept the grant to PUBLIC every new function is born with.';

create view lint.definers_in_public as
select
    f.object,
    'security definer in the exposed schema' as finding
from lint.functions as f
where f.is_definer and f.schema_name = 'public';

comment on view lint.definers_in_public is
'What clients call runs with the rights of the caller.';

create view lint.unlisted_definers as
select
    f.object,
    'security definer, but not on the list' as finding
from lint.functions as f
where
    f.is_definer
    and f.schema_name || '.' || f.function_name not in (
        select a.function_name from lint.allowed_definers as a
    )
union all
select
    a.function_name,
    'on the list, but no security definer' as finding
from lint.allowed_definers as a
where a.function_name not in (
    select f.schema_name || '.' || f.function_name
    from lint.functions as f
    where f.is_definer
);

comment on view lint.unlisted_definers is
'Functions with their owner''s rights that nobody decided on, and dead decisions.';

-- Every right to write a table, by column where it is given by column.
create view lint.write_rights as
select
    r.object,
    g.role_name,
    lower(a.privilege_type) as privilege,
    null::text as column_name
from lint.relations as r
cross join lateral aclexplode(r.acl) as a
cross join lateral (
    select case a.grantee when 0 then 'public' else a.grantee::regrole::text end
        as role_name
) as g
where a.grantee <> r.owner_id and a.privilege_type <> 'SELECT'
union all
select
    r.object,
    g.role_name,
    lower(a.privilege_type) as privilege,
    t.attname::text as column_name
from lint.relations as r
inner join pg_attribute as t on r.oid = t.attrelid and not t.attisdropped
cross join lateral aclexplode(t.attacl) as a
cross join lateral (
    select case a.grantee when 0 then 'public' else a.grantee::regrole::text end
        as role_name
) as g
where a.grantee <> r.owner_id and a.privilege_type <> 'SELECT';

comment on view lint.write_rights is
'Grants other than select to anybody but the owner; column_name is null for a whole '
'table.';

-- Between them these two see every write of a client: through a table, with his own
-- rights, or through a function with its owner's.
create view lint.writes_unguarded as
select distinct
    w.object,
    format('%s by %s: no guard for each %s', w.privilege, w.role_name, l.level) as finding
from lint.write_rights as w
left join pg_roles as r on w.role_name = r.rolname
cross join (values (0, 'statement'), (1, 'row')) as l (bit, level)
cross join lateral (
    select
        case w.privilege when 'insert' then 4 when 'delete' then 8 when 'update' then 16 end
            as bit
) as e
where
    -- The holder of the service key is nobody's guest.
    not coalesce(r.rolbypassrls, false)
    and not exists (
        select
        from pg_trigger as t
        where
            t.tgrelid = w.object::regclass
            and t.tgfoid = to_regproc('private.guard_write')
            and t.tgenabled = 'O'
            and t.tgqual is null
            and t.tgattr::text = ''
            and t.tgtype & 3 = 2 | l.bit
            and t.tgtype & e.bit > 0
            -- With an action that has a rule; arguments end with a zero byte.
            and (
                l.level = 'statement'
                or encode(t.tgargs, 'escape') in (
                    select a.action || '\000' from private.rate_rules as a
                )
            )
            and not exists (
                select
                from pg_trigger as o
                where
                    o.tgrelid = t.tgrelid
                    and o.tgtype & 3 = t.tgtype & 3
                    and o.tgtype & e.bit > 0
                    and o.tgname < t.tgname
            )
    );

comment on view lint.writes_unguarded is
'Whatever a client may write has private.guard_write() before it: for the statement, and '
'before any other trigger for each row, with an action of private.rate_rules.';

create view lint.definers_that_admit_anybody as
select
    f.object,
    'a client may call it, and it does not call private.admit_viewer()' as finding
from lint.functions as f
inner join lint.statements as s on f.object = s.object
where
    f.is_definer
    and f.is_volatile
    and not f.is_trigger
    and s.code !~ 'perform private\.admit_viewer\('
    and f.schema_name || '.' || f.function_name not in (
        select o.function_name from lint.allowed_without_admission as o
    )
    and exists (
        select
        from aclexplode(f.acl) as a
        where
            a.grantee in (
                0::oid, to_regrole('anon')::oid, to_regrole('authenticated')::oid
            )
    );

comment on view lint.definers_that_admit_anybody is
'A function that writes for clients with its owner''s rights passes the tables'' guards by, '
'so it asks itself whether the caller is suspended or does this too often.';

create view lint.undecided_write_rights as
select
    w.object,
    concat_ws(' ', w.privilege, w.column_name, 'to', w.role_name) as finding
from lint.write_rights as w
where not exists (
    select
    from lint.direct_writes as d
    where
        w.object = d.object
        and w.role_name = d.role_name
        and w.privilege = d.privilege
        and w.column_name is not distinct from d.column_name
)
union all
select
    d.object,
    concat_ws(' ', 'no', d.privilege, d.column_name, 'to', d.role_name) as finding
from lint.direct_writes as d
where not exists (
    select
    from lint.write_rights as w
    where
        w.object = d.object
        and w.role_name = d.role_name
        and w.privilege = d.privilege
        and w.column_name is not distinct from d.column_name
);

comment on view lint.undecided_write_rights is
'Rights to write that are not among the direct writes of the contract, and missing ones.';

create view lint.rights_over_tables as
select
    w.object,
    w.privilege || ' to ' || w.role_name as finding
from lint.write_rights as w
where w.privilege in ('truncate', 'references', 'trigger', 'maintain');

comment on view lint.rights_over_tables is
'Truncate passes every policy; references and trigger hang things on other people''s '
'tables.';

create view lint.roles_with_two_hats as
select
    r.rolname::text as object,
    'is a member of ' || coalesce(m.roles, 'no role') as finding
from pg_roles as r
cross join lateral (
    select
        count(*) as number_of_roles,
        string_agg(
            g.roleid::regrole::text, ', ' order by g.roleid::regrole::text
        ) as roles
    from (
        select distinct m.roleid from pg_auth_members as m where m.member = r.oid
    ) as g
) as m
where
    r.rolname in ('api_anon', 'api_user', 'api_media')
    and (
        m.number_of_roles <> 1
        or r.rolsuper
        or r.rolbypassrls
        or r.rolcreaterole
        or r.rolcreatedb
        or r.rolreplication
    );

comment on view lint.roles_with_two_hats is
'A login of the API is a member of exactly one role, and has no power of its own.';

create view lint.logins_without_end as
select
    r.rolname::text as object,
    'has no ' || n.name as finding
from pg_roles as r
cross join unnest(
    array['statement_timeout', 'idle_in_transaction_session_timeout']
) as n (name)
where
    r.rolname in ('api_anon', 'api_user', 'api_media')
    and not exists (
        select
        from unnest(r.rolconfig) as c (setting)
        where c.setting like n.name || '=%' and c.setting not like '%=0'
    );

comment on view lint.logins_without_end is
'A login of the API has an end to each statement and to each idle transaction.';

create view lint.clients_with_other_roles as
select
    r.rolname::text as object,
    'is a member of ' || m.roleid::regrole::text as finding
from pg_auth_members as m
inner join pg_roles as r on m.member = r.oid
where r.rolname in ('anon', 'authenticated', 'media_worker')
union all
select
    r.rolname::text as object,
    'passes every policy' as finding
from pg_roles as r
where
    r.rolname in ('anon', 'authenticated', 'media_worker')
    and (r.rolsuper or r.rolbypassrls);

comment on view lint.clients_with_other_roles is
'Who is served is nobody else besides, and bound by the policies.';
