-- Every update and delete says which rows. Supabase loads pg_safeupdate for its API, and
-- that refuses the others, inside functions too; a plain server lets them pass.

-- Code without what is in parentheses, then the insides of these, each a text of its
-- own: a where clause counts for the statement it stands beside, not for one around it.
create function lint.flattened(code text)
returns setof text
language sql
immutable
begin atomic
    with recursive layers as (
        select
            flattened.code as remaining,
            null::text[] as insides
        union all
        select
            regexp_replace(l.remaining, '\([^()]*\)', ' ', 'g'),
            array(
                select m.inside[1]
                from regexp_matches(l.remaining, '\(([^()]*)\)', 'g') as m (inside)
            )
        from layers as l
        where l.remaining ~ '\([^()]*\)'
    )

    select l.remaining
    from layers as l
    where l.remaining !~ '\([^()]*\)'
    union all
    select i.inside
    from layers as l
    cross join unnest(l.insides) as i (inside);
end;

comment on function lint.flattened(text) is
'A text of code as many: one for each pair of parentheses, and one for what is outside.';

create view lint.code as
select
    s.object,
    s.code
from lint.statements as s
union all
select
    f.object,
    regexp_replace(pg_get_function_sqlbody(f.oid), '''(?:[^'']|'''')*''', '''''', 'g')
from lint.functions as f
where f.is_parsed
union all
-- What is executed from a literal.
select
    s.object,
    m.literal[1]
from lint.statements as s
cross join lateral regexp_matches(
    regexp_replace(s.source, '--[^\n]*', '', 'g'), '''((?:[^'']|'''')*)''', 'g'
) as m (literal);

comment on view lint.code is
'All code of our functions: bodies without their literals, and each literal by itself.';

create view lint.writes_without_where as
select distinct
    c.object,
    'has no where: ' || regexp_replace(w.statement[1], '\s+', ' ', 'g') as finding
from lint.code as c
cross join lateral lint.flattened(c.code) as f (text)
cross join lateral regexp_matches(
    -- "for update" locks and "on conflict do update" inserts.
    regexp_replace(f.text, '\m(for|for\s+no\s+key|do)\s+update\M', ' ', 'gi'),
    '\m((?:update\s+(?:only\s+)?[\w."%]+(?:\s+(?:as\s+)?\w+)?\s+set|delete\s+from)\M'
    '(?:(?!\mloop\M)[^;])*)',
    'gi'
) as w (statement)
where w.statement[1] !~* '\mwhere\M';

comment on view lint.writes_without_where is
'Updates and deletes have a where clause, `where true` when they mean every row.';
