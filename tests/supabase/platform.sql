-- All that belongs to the platform and not to the project: a deploy leaves it as it was,
-- whatever the server would let it do. Policies on realtime.messages are the project's.

with project as (
    select r.oid
    from pg_roles as r
    where r.rolname in ('api_anon', 'api_user', 'api_media', 'media_worker')
),

platform as (
    select r.oid
    from pg_roles as r
    where r.rolname !~ '^pg_' and r.oid not in (select p.oid from project as p)
),

rooms as (
    select n.oid
    from pg_namespace as n
    where
        n.nspname in (
            'auth', 'cron', 'extensions', 'graphql_public', 'realtime', 'storage', 'vault'
        )
)

select
    'role' as kind,
    r.rolname::text as object,
    to_jsonb(r) - 'rolpassword' as state
from pg_authid as r
inner join platform as p on r.oid = p.oid
union all
select
    'member',
    format('%s of %s', m.member::regrole, m.roleid::regrole),
    to_jsonb(m.admin_option)
from pg_auth_members as m
inner join platform as p on m.member = p.oid
where
    m.roleid in (select q.oid from platform as q)
    or m.roleid in (select r.oid from pg_roles as r where r.rolname ~ '^pg_')
union all
select
    'setting',
    format('%s in %s', s.setrole, s.setdatabase),
    to_jsonb(s.setconfig)
from pg_db_role_setting as s
where
    (s.setrole = 0 or s.setrole in (select p.oid from platform as p))
    and s.setdatabase in (
        select d.oid
        from pg_database as d
        where d.datname = current_database()
        union all
        select 0
    )
union all
select
    'database',
    d.datname::text,
    to_jsonb(d) - 'datfrozenxid' - 'datminmxid'
from pg_database as d
where d.datname = current_database()
union all
select
    'schema',
    n.nspname::text,
    jsonb_build_object(
        'owner', n.nspowner::regrole,
        -- Into public the project lets its own roles as well.
        'rights', array(
            select x
            from aclexplode(n.nspacl) as x
            where x.grantee not in (select p.oid from project as p)
            order by x.grantee, x.privilege_type
        )
    )
from pg_namespace as n
where n.oid in (select r.oid from rooms as r) or n.nspname = 'public'
union all
select
    'relation',
    c.oid::regclass::text,
    jsonb_build_array(
        c.relowner::regrole, c.relacl::text, c.relrowsecurity, c.relnatts, c.relchecks
    )
from pg_class as c
where c.relnamespace in (select r.oid from rooms as r)
union all
select
    'function',
    p.oid::regprocedure::text,
    to_jsonb(p) - 'prosqlbody'
from pg_proc as p
where p.pronamespace in (select r.oid from rooms as r)
union all
select
    'trigger',
    format('%s on %s', t.tgname, t.tgrelid::regclass),
    to_jsonb(t.tgenabled::text)
from pg_trigger as t
inner join pg_class as c on t.tgrelid = c.oid
where c.relnamespace in (select r.oid from rooms as r) and not t.tgisinternal
union all
select
    'policy',
    format('%s on %s', p.polname, p.polrelid::regclass),
    null
from pg_policy as p
inner join pg_class as c on p.polrelid = c.oid
where
    c.relnamespace in (select r.oid from rooms as r)
    and c.oid <> 'realtime.messages'::regclass
union all
select
    'event trigger',
    e.evtname::text,
    to_jsonb(e.evtenabled::text)
from pg_event_trigger as e
union all
select
    'extension',
    e.extname::text,
    jsonb_build_array(e.extversion, e.extnamespace::regnamespace)
from pg_extension as e
union all
select
    'default rights',
    format('%s %s %s', d.defaclrole::regrole, d.defaclnamespace, d.defaclobjtype),
    to_jsonb(d.defaclacl::text)
from pg_default_acl as d
union all
select
    'parameter',
    p.parname,
    to_jsonb(p.paracl::text)
from pg_parameter_acl as p;
