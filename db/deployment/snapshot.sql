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
                select o.identity from deploy.objects as o where o.kind <> 'function'
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
                select o.identity from deploy.objects as o where o.kind = 'type'
            )
        )
),

privileges as (
    select
        a.class,
        a.oid,
        coalesce(r.rolname, 'public') as grantee,
        lower(x.privilege_type) || coalesce(' (' || a.column_name || ')', '')
        || case when x.is_grantable then ' with grant option' else '' end as privilege
    from (
        select
            'pg_namespace'::regclass as class,
            s.oid,
            null::name as column_name,
            s.nspowner as owner,
            coalesce(s.nspacl, acldefault('n', s.nspowner)) as acl
        from own_schemas as s
        union all
        select
            'pg_class'::regclass,
            r.oid,
            null,
            r.relowner,
            coalesce(
                r.relacl,
                acldefault(
                    case r.relkind when 'S' then 's' else 'r' end::"char", r.relowner
                )
            )
        from relations as r
        union all
        select
            'pg_class'::regclass,
            r.oid,
            c.attname,
            r.relowner,
            c.attacl
        from relations as r
        inner join pg_attribute as c on r.oid = c.attrelid
        where c.attacl is not null and not c.attisdropped
        union all
        select
            'pg_proc'::regclass,
            p.oid,
            null,
            p.proowner,
            coalesce(p.proacl, acldefault('f', p.proowner))
        from routines as p
        union all
        select
            'pg_type'::regclass,
            t.oid,
            null,
            t.typowner,
            coalesce(t.typacl, acldefault('T', t.typowner))
        from types as t
    ) as a
    cross join lateral aclexplode(a.acl) as x
    left join pg_roles as r on x.grantee = r.oid
    where x.grantee <> a.owner
),

grants as (
    select
        g.class,
        g.oid,
        string_agg(g.line, e'\n' order by g.line collate "C") as lines
    from (
        select
            p.class,
            p.oid,
            'grant ' || string_agg(p.privilege, ', ' order by p.privilege collate "C")
            || ' to ' || p.grantee as line
        from privileges as p
        group by p.class, p.oid, p.grantee
    ) as g
    group by g.class, g.oid
),

columns as (
    select
        c.attrelid as oid,
        string_agg(
            concat_ws(
                ' ',
                'column',
                quote_ident(c.attname),
                format_type(c.atttypid, c.atttypmod),
                'collate ' || nullif(c.attcollation, t.typcollation)::regcollation::text,
                case when c.attnotnull then 'not null' end,
                case c.attidentity
                    when 'a' then 'generated always as identity'
                    when 'd' then 'generated by default as identity'
                end,
                case when c.attgenerated = '' then 'default ' else 'generated ' end
                || pg_get_expr(d.adbin, d.adrelid),
                '-- ' || col_description(c.attrelid, c.attnum)
            ),
            e'\n' order by c.attnum
        ) as lines
    from relations as r
    inner join pg_attribute as c on r.oid = c.attrelid
    inner join pg_type as t on c.atttypid = t.oid
    left join pg_attrdef as d on c.attrelid = d.adrelid and c.attnum = d.adnum
    where c.attnum > 0 and not c.attisdropped and r.relkind <> 'S'
    group by c.attrelid
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
left join grants as g on s.oid = g.oid and g.class = 'pg_namespace'::regclass

union all

select
    case r.relkind
        when 'v' then 'view'
        when 'm' then 'materialized view'
        when 'S' then 'sequence'
        else 'table'
    end,
    r.identity,
    r.identity,
    concat_ws(
        e'\n',
        c.lines,
        case
            when r.relkind in ('v', 'm')
                then 'as' || e'\n' || pg_get_viewdef(r.oid)
            when r.relkind = 'p' then 'partition by ' || pg_get_partkeydef(r.oid)
        end,
        case
            when r.relkind not in ('r', 'p') then null
            when r.relrowsecurity and r.relforcerowsecurity
                then 'row level security forced'
            when r.relrowsecurity then 'row level security on'
            else 'row level security off'
        end,
        'with (' || array_to_string(r.reloptions, ', ') || ')',
        case when r.relpersistence = 'u' then 'unlogged' end,
        'replica identity ' || nullif(r.relreplident, 'd')::text,
        'owner ' || pg_get_userbyid(r.relowner),
        case when r.relkind in ('v', 'm', 'S') then g.lines end,
        'comment ' || obj_description(r.oid, 'pg_class')
    )
from relations as r
left join columns as c on r.oid = c.oid
left join grants as g on r.oid = g.oid and g.class = 'pg_class'::regclass

union all

select
    'grants',
    'on ' || r.identity,
    r.identity,
    g.lines
from relations as r
inner join grants as g on r.oid = g.oid and g.class = 'pg_class'::regclass
where r.relkind in ('r', 'p', 'f')

union all

select
    'constraint',
    quote_ident(c.conname) || ' on ' || r.identity,
    r.identity,
    concat_ws(
        e'\n',
        pg_get_constraintdef(c.oid),
        'comment ' || obj_description(c.oid, 'pg_constraint')
    )
from relations as r
inner join pg_constraint as c on r.oid = c.conrelid
where c.contype in ('c', 'f', 'p', 'u', 'x') and c.conparentid = 0

union all

select
    'index',
    i.indexrelid::regclass::text || ' on ' || r.identity,
    r.identity,
    concat_ws(
        e'\n',
        pg_get_indexdef(i.indexrelid),
        case when not i.indisvalid then 'invalid' end,
        'comment ' || obj_description(i.indexrelid, 'pg_class')
    )
from relations as r
inner join pg_index as i on r.oid = i.indrelid
where not exists (
    select from pg_constraint as c
    where c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x')
)

union all

-- Postgres's own triggers, those of foreign keys, count only when somebody disabled one.
select
    'trigger',
    quote_ident(t.tgname) || ' on ' || r.identity,
    r.identity,
    concat_ws(
        e'\n',
        pg_get_triggerdef(t.oid),
        case t.tgenabled
            when 'D' then 'disabled'
            when 'R' then 'enabled on replicas only'
            when 'A' then 'enabled always'
        end,
        'comment ' || obj_description(t.oid, 'pg_trigger')
    )
from relations as r
inner join pg_trigger as t on r.oid = t.tgrelid
where not t.tgisinternal or t.tgenabled <> 'O'

union all

select
    'policy',
    quote_ident(p.polname) || ' on ' || r.identity,
    r.identity,
    concat_ws(
        e'\n',
        case when p.polpermissive then 'permissive' else 'restrictive' end,
        'for ' || case p.polcmd
            when 'r' then 'select'
            when 'a' then 'insert'
            when 'w' then 'update'
            when 'd' then 'delete'
            else 'all'
        end,
        'to ' || (
            select string_agg(
                case when m.oid = 0 then 'public' else pg_get_userbyid(m.oid) end,
                ', ' order by m.oid
            )
            from unnest(p.polroles) as m (oid)
        ),
        'using ' || pg_get_expr(p.polqual, p.polrelid),
        'with check ' || pg_get_expr(p.polwithcheck, p.polrelid),
        'comment ' || obj_description(p.oid, 'pg_policy')
    )
from relations as r
inner join pg_policy as p on r.oid = p.polrelid

union all

select
    'rule',
    quote_ident(w.rulename) || ' on ' || r.identity,
    r.identity,
    pg_get_ruledef(w.oid)
from relations as r
inner join pg_rewrite as w on r.oid = w.ev_class
where w.rulename <> '_RETURN'

union all

select
    'publication',
    quote_ident(p.pubname) || ' of ' || r.identity,
    r.identity,
    concat_ws(
        e'\n',
        'columns ' || m.prattrs::text,
        'where ' || pg_get_expr(m.prqual, m.prrelid)
    )
from relations as r
inner join pg_publication_rel as m on r.oid = m.prrelid
inner join pg_publication as p on m.prpubid = p.oid

union all

select
    'type',
    t.identity,
    t.identity,
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
            select
                string_agg('label ' || e.enumlabel, e'\n' order by e.enumsortorder)
            from pg_enum as e
            where e.enumtypid = t.oid
        ),
        'owner ' || pg_get_userbyid(t.typowner),
        g.lines,
        'comment ' || obj_description(t.oid, 'pg_type')
    )
from types as t
left join grants as g on t.oid = g.oid and g.class = 'pg_type'::regclass

union all

select
    'function',
    p.identity,
    p.identity,
    concat_ws(
        e'\n',
        case when p.prokind <> 'a' then rtrim(pg_get_functiondef(p.oid), e'\n') end,
        'owner ' || pg_get_userbyid(p.proowner),
        g.lines,
        'comment ' || obj_description(p.oid, 'pg_proc')
    )
from routines as p
left join grants as g on p.oid = g.oid and g.class = 'pg_proc'::regclass

order by kind, identity
