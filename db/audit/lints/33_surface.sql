-- Conventions about what is open by accident: identities that are missing, rights that new
-- objects are born with, tables that are broadcast, statements put together from strings.

create view lint.identities_that_may_be_missing as
select
    p.object,
    'lets everybody through when something is null' as finding
from lint.policies as p
where
    (p.using_text || ' ' || p.check_text) ~* '\mis null\M'
    and (p.using_text || ' ' || p.check_text) ~* '\mor\M'
union all
select
    p.object,
    'compares who is calling with "is not distinct from"' as finding
from lint.policies as p
where (p.using_text || ' ' || p.check_text) ~* 'is distinct from';

comment on view lint.identities_that_may_be_missing is
'A caller without an id is nobody: no policy is satisfied by a null.';

create view lint.policies_on_user_metadata as
select
    p.object,
    'trusts what users write about themselves' as finding
from lint.policies as p
where (p.using_text || ' ' || p.check_text) ~* 'user_?meta_?data'
union all
select
    s.object,
    'trusts what users write about themselves' as finding
from lint.statements as s
where s.source ~* 'user_?meta_?data';

comment on view lint.policies_on_user_metadata is
'user_metadata in a token is the user''s own text: nothing is decided by it.';

create view lint.rights_by_default as
select
    coalesce(n.nspname, 'every schema')::text as object,
    format(
        'new %s of %s are born with %s for %s',
        case d.defaclobjtype
            when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions'
            when 'T' then 'types' else 'schemas'
        end,
        d.defaclrole::regrole,
        lower(a.privilege_type),
        case a.grantee when 0 then 'everybody' else a.grantee::regrole::text end
    ) as finding
from pg_default_acl as d
left join pg_namespace as n on d.defaclnamespace = n.oid
cross join lateral aclexplode(d.defaclacl) as a
where
    a.grantee <> d.defaclrole
    -- In public they are the platform's, differ between projects, and every file revokes
    -- them by name.
    and n.nspname in ('private', 'partitions', 'ops', 'deploy');

comment on view lint.rights_by_default is
'A new table or function in our own schemas is nobody''s until its file says so.';

create view lint.broadcast_tables as
select
    format('%s.%s', t.schemaname, t.tablename) as object,
    'is published by ' || t.pubname as finding
from pg_publication_tables as t
where t.schemaname in ('public', 'private', 'partitions', 'ops', 'deploy');

comment on view lint.broadcast_tables is
'No table is published: row level security does not hold for deletes that are broadcast.';

create view lint.statements_from_strings as
select
    s.object,
    'puts a statement together without format()' as finding
from lint.statements as s
cross join lateral regexp_matches(
    s.code, '\mexecute\s+([^;]*?)(?:\musing\M[^;]*|\minto\M[^;]*)?;', 'gi'
) as m (statement)
where
    m.statement[1] !~* '^(pg_catalog\.)?format\('
    -- Literals are empty here; one alone, in however many pieces, is constant.
    and m.statement[1] !~ '^(''''\s*)+$';

comment on view lint.statements_from_strings is
'Dynamic statements are format() with %I and %L.';

create view lint.definers_without_need as
select
    f.object,
    'has its owner''s rights, though nobody but the owner calls it' as finding
from lint.functions as f
inner join pg_proc as p on f.oid = p.oid
where
    f.is_definer
    and not f.is_trigger
    and not exists (
        select
        from aclexplode(f.acl) as a
        where a.grantee <> p.proowner and a.privilege_type = 'EXECUTE'
    );

comment on view lint.definers_without_need is
'A function that only the owner, his jobs and his triggers call runs as the owner anyway.';

create view lint.senders as
select
    s.object,
    'sends past private.send_live()' as finding
from lint.statements as s
where
    s.code ~ '\mrealtime\.(send|send_binary|broadcast_changes)\M'
    and s.object <> 'private.send_live(text,text,jsonb)'
union all
select
    s.object,
    'writes what only realtime writes' as finding
from lint.statements as s
where s.code ~* '(into|update|from)\s+realtime\.messages\M';

comment on view lint.senders is
'One function sends to those who watch: it counts, and fails for nothing.';

create view lint.policies_on_tables_of_others as
select
    p.object,
    'is for ' || p.command as finding
from lint.policies as p
where
    p.command <> 'select'
    and p.table_id not in (select r.oid from lint.relations as r);

comment on view lint.policies_on_tables_of_others is
'Clients listen; they do not send, and write nothing that is not ours.';
