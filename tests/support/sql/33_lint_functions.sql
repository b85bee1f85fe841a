-- Conventions about functions, triggers and comments.

create view lint.bodies_that_shout as
select
    s.object,
    'has capitals in its body: ' || substring(s.code from '\w*[A-Z]\w*') as finding
from lint.statements as s
where s.code ~ '[A-Z]'
union all
select
    s.object,
    'has tabs in its body' as finding
from lint.statements as s
where s.source ~ '\t';

comment on view lint.bodies_that_shout is
'Bodies are lower case and indented with spaces; sqlfluff does not look into them.';

create view lint.errors_unannounced as
select distinct
    s.object,
    'raises ' || c.slug || ', which its comment does not name' as finding
from lint.statements as s
inner join lint.functions as f on s.object = f.object
-- message = 'slug'
cross join lateral regexp_matches(
    s.source, 'message\s*:?=\s*''([a-z_]+)''', 'g'
) as m (slug)
cross join lateral (select m.slug[1] as slug) as c
where coalesce(f.description, '') !~ ('\m' || c.slug || '\M');

comment on view lint.errors_unannounced is
'Clients switch on the slug of an error: the comment of what raises it names it.';

create view lint.uncommented as
select
    r.object,
    'has no comment' as finding
from lint.relations as r
where
    r.schema_name <> 'partitions'
    and obj_description(r.oid, 'pg_class') is null
union all
select
    f.object,
    'has no comment' as finding
from lint.functions as f
where f.description is null
union all
select
    s.schema_name::text as object,
    'has no comment' as finding
from lint.schemas as s
where obj_description(s.oid, 'pg_namespace') is null
union all
select
    format('%s.%s', r.object, a.attname) as object,
    'has no comment' as finding
from lint.relations as r
inner join pg_attribute as a on r.oid = a.attrelid
where
    r.schema_name in ('public', 'private', 'ops')
    and r.kind in ('r', 'p', 'v')
    and a.attnum > 0
    and not a.attisdropped
    and col_description(r.oid, a.attnum) is null
    -- These say it themselves: the row's own id, the video and the person it belongs
    -- to, and when something happened to it.
    and a.attname not in ('id', 'video_id', 'user_id')
    and a.attname !~ '_at$'
    -- A view's column means what the table's does.
    and not (
        r.kind = 'v'
        and a.attname in (
            select c.attname
            from lint.relations as t
            inner join pg_attribute as c on t.oid = c.attrelid
            where t.kind in ('r', 'p') and c.attnum > 0
        )
    );

comment on view lint.uncommented is
'Every schema, table, view and function explains itself, and every column that does '
'not by its name alone.';

create view lint.comments_unfinished as
select
    f.object,
    'its comment is no sentence' as finding
from lint.functions as f
where f.description !~ '[.?]$' or f.description !~ '^[A-Z"(]'
union all
select
    r.object,
    'its comment is no sentence' as finding
from lint.relations as r
cross join lateral obj_description(r.oid, 'pg_class') as d (description)
where d.description !~ '[.?]$' or d.description !~ '^[A-Z"(]';

comment on view lint.comments_unfinished is
'Comments are sentences for the caller.';
