-- Every object that belongs to the product, one row each: what it is and its full
-- definition with owner, grants and comment. Two snapshots tell what has changed.
--
-- All of private, ops and deploy is ours. Other applications may share public, so there
-- only what deploy.objects lists counts, and functions with the name of one of ours: an
-- overload made by hand would make calls ambiguous. The daily leaves in partitions come
-- and go by themselves; only the schema counts.

with own_schemas as (
    select
        n.oid,
        n.nspname,
        n.nspowner,
        n.nspacl
    from pg_namespace as n
    where n.nspname in ('private', 'partitions', 'ops', 'deploy')
),

whole_schemas as (
    select s.oid
    from own_schemas as s
    where s.nspname <> 'partitions'
),

relations as (
    select
        c.oid,
        c.oid::regclass::text as identity,
        c.relkind,
        c.relowner,
        c.relacl,
        c.relrowsecurity,
        c.relforcerowsecurity,
        c.relpersistence,
        c.relreplident,
        c.reloptions
    from pg_class as c
    where
        c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        and (
            c.relnamespace in (select w.oid from whole_schemas as w)
            or c.oid::regclass::text in (
                select o.identity from deploy.objects as o
                where o.kind <> 'function'
            )
        )
        and not exists (
            select from pg_depend as d
            where
                d.classid = 'pg_class'::regclass
                and d.objid = c.oid
                and d.deptype in ('e', 'i')
        )
),

routines as (
    select
        p.oid,
        p.oid::regprocedure::text as identity,
        p.prokind,
        p.proowner,
        p.proacl
    from pg_proc as p
    where
        (
            p.pronamespace in (select w.oid from whole_schemas as w)
            or (p.pronamespace, p.proname) in (
                select
                    n.pronamespace,
                    n.proname
                from deploy.objects as o
                inner join pg_proc as n on to_regprocedure(o.identity) = n.oid
                where o.kind = 'function'
            )
        )
        and not exists (
            select from pg_depend as d
            where
                d.classid = 'pg_proc'::regclass
                and d.objid = p.oid
                and d.deptype = 'e'
        )
),

types as (
    select
        t.oid,
        format_type(t.oid, null) as identity,
        t.typtype,
        t.typowner,
        t.typacl,
        t.typbasetype,
        t.typtypmod,
        t.typnotnull,
        t.typdefault
    from pg_type as t
    where
        t.typtype in ('e', 'd')
        and (
            t.typnamespace in (select w.oid from whole_schemas as w)
            or format_type(t.oid, null) in (
                select o.identity from deploy.objects as o
                where o.kind = 'type'
            )
        )
),

acls as (
    select
        'pg_namespace'::regclass as class,
        s.oid,
        null::name as column_name,
        s.nspowner as owner,
        coalesce(s.nspacl, acldefault('n', s.nspowner)) as acl
    from own_schemas as s
    union all
    select
        'pg_class'::regclass as class,
        r.oid,
        null as column_name,
        r.relowner as owner,
        case
            when r.relacl is not null then r.relacl
            when r.relkind = 'S' then acldefault('s', r.relowner)
            else acldefault('r', r.relowner)
        end as acl
    from relations as r
    union all
    select
        'pg_class'::regclass as class,
        r.oid,
        c.attname as column_name,
        r.relowner as owner,
        c.attacl as acl
    from relations as r
    inner join pg_attribute as c on r.oid = c.attrelid
    where c.attacl is not null and not c.attisdropped
    union all
    select
        'pg_proc'::regclass as class,
        p.oid,
        null as column_name,
        p.proowner as owner,
        coalesce(p.proacl, acldefault('f', p.proowner)) as acl
    from routines as p
    union all
    select
        'pg_type'::regclass as class,
        t.oid,
        null as column_name,
        t.typowner as owner,
        coalesce(t.typacl, acldefault('T', t.typowner)) as acl
    from types as t
),

privileges as (
    select
        a.class,
        a.oid,
        coalesce(m.rolname, 'public') as grantee,
        lower(x.privilege_type) || coalesce(' (' || a.column_name || ')', '')
        || case when x.is_grantable then ' with grant option' else '' end as privilege
    from acls as a
    cross join lateral aclexplode(a.acl) as x
    left join pg_roles as m on x.grantee = m.oid
    where x.grantee <> a.owner
),

grants as (
    select
        g.class,
        g.oid,
        string_agg(g.line, e'\n' order by g.line collate pg_catalog."C") as lines
    from (
        select
            p.class,
            p.oid,
            'grant ' || string_agg(
                p.privilege, ', ' order by p.privilege collate pg_catalog."C"
            ) || ' to ' || p.grantee as line
        from privileges as p
        group by p.class, p.oid, p.grantee
    ) as g
    group by g.class, g.oid
)

select
    'schema' as kind,
    s.nspname::text as identity,
    s.nspname::text as relation,
    concat_ws(
        e'\n',
        'owner ' || pg_get_userbyid(s.nspowner),
        g.lines,
        'comment ' || obj_description(s.oid, 'pg_namespace')
    ) as definition
from own_schemas as s
left join grants as g on s.oid = g.oid and g.class = 'pg_namespace'::regclass;
