-- Conventions about tables, their keys and their names.

create view lint.constraints as
select
    r.schema_name,
    r.relation_name,
    c.oid,
    c.conname as constraint_name,
    c.contype as constraint_type,
    c.conrelid as table_id,
    c.confrelid as referenced_table_id,
    c.confdeltype as delete_action,
    c.conkey as column_numbers,
    pg_get_constraintdef(c.oid) as definition,
    format('%s %s', r.object, c.conname) as object
from pg_constraint as c
inner join lint.relations as r on c.conrelid = r.oid
where c.conparentid = 0 and c.contype in ('p', 'u', 'f', 'c', 'x');

comment on view lint.constraints is
'Constraints of our tables, but those that leaves have from their parent.';

create view lint.foreign_keys_without_index as
select
    c.object,
    'no index begins with its columns' as finding
from lint.constraints as c
where
    c.constraint_type = 'f'
    and not exists (
        select
        from pg_index as i
        where
            i.indrelid = c.table_id
            and i.indpred is null
            and (i.indkey::int2[])[0:cardinality(c.column_numbers) - 1]
            @> c.column_numbers
    );

comment on view lint.foreign_keys_without_index is
'Deleting a referenced row would read the whole table.';

create view lint.foreign_keys_without_delete_rule as
select
    c.object,
    'does not say what happens on delete' as finding
from lint.constraints as c
where c.constraint_type = 'f' and c.delete_action = 'a';

comment on view lint.foreign_keys_without_delete_rule is
'Every foreign key says `on delete`.';

create view lint.constraints_misnamed as
select
    c.object,
    'is not named <table>_<column>_<rule>' as finding
from lint.constraints as c
where
    c.schema_name <> 'partitions'
    and case c.constraint_type
        when 'p' then c.constraint_name <> c.relation_name || '_pkey'
        when 'u' then c.constraint_name !~ ('^' || c.relation_name || '_[a-z_]+_key$')
        when 'f' then c.constraint_name !~ ('^' || c.relation_name || '_[a-z_]+_fkey$')
        else c.constraint_name !~ ('^' || c.relation_name || '_[a-z0-9_]+_[a-z]+$')
    end;

comment on view lint.constraints_misnamed is
'Constraints are named for their table, their columns and what they want.';

create view lint.indexes_misnamed as
select
    format('%s.%s', r.schema_name, c.relname) as object,
    'is not named <table>_<columns>_idx' as finding
from pg_index as i
inner join pg_class as c on i.indexrelid = c.oid
inner join lint.relations as r on i.indrelid = r.oid
where
    r.schema_name <> 'partitions'
    and not exists (
        select from pg_constraint as k where k.conindid = i.indexrelid
    )
    and c.relname <> format(
        '%s_%s_idx',
        r.relation_name,
        (
            select string_agg(a.attname, '_' order by k.position)
            from unnest(i.indkey::int2[]) with ordinality as k (number, position)
            inner join pg_attribute as a
                on a.attrelid = i.indrelid and k.number = a.attnum
        )
    );

comment on view lint.indexes_misnamed is
'Indexes are named for their table and columns.';

create view lint.allowed_keys_without_video (index_name, reason) as
values
('private.video_files_file_id_key', 'a second guard: one file, one video'),
('private.video_files_file_path_key', 'a second guard: one path, one video'),
('private.video_files_thumbnail_file_id_key', 'a second guard: one file, one video'),
('private.video_files_thumbnail_path_key', 'a second guard: one path, one video'),
('private.upload_tickets_pkey', 'a ticket is older than its video'),
('private.upload_tickets_file_id_key', 'a ticket is older than its video'),
('private.upload_tickets_file_path_key', 'a ticket is older than its video'),
('private.upload_tickets_user_id_request_id_idx', 'a ticket is older than its video'),
('private.moderation_log_pkey', 'a log of what administrators did');

comment on view lint.allowed_keys_without_video is
'Unique keys that cannot hold the id of a video.';

-- Whatever hangs on a video can be kept beside it, on whichever machine that is.
create view lint.keys_without_video as
select
    format('%s.%s', r.schema_name, k.relname) as object,
    'unique without the video''s id' as finding
from pg_index as i
inner join pg_class as k on i.indexrelid = k.oid
inner join lint.relations as r on i.indrelid = r.oid
inner join pg_attribute as a on r.oid = a.attrelid and a.attname = 'video_id'
where
    i.indisunique
    and r.schema_name in ('public', 'private')
    and a.attnum <> all(i.indkey::int2[])
    and format('%s.%s', r.schema_name, k.relname) not in (
        select e.index_name from lint.allowed_keys_without_video as e
    );

comment on view lint.keys_without_video is
'Primary keys and uniques of what hangs on a video hold video_id.';

create view lint.triggers_that_move_videos as
select
    f.object,
    'changes the id of a video' as finding
from pg_trigger as t
inner join lint.statements as f on t.tgfoid::regprocedure::text = f.object
where
    t.tgrelid = to_regclass('public.videos')
    and f.code ~ '\mnew\.id\s*:=';

comment on view lint.triggers_that_move_videos is
'A row stays where its id says; who needs an old video passes the id.';

create view lint.counters_unguarded as
select
    format('%s.%s', r.object, a.attname) as object,
    case
        when a.atttypid <> 'bigint'::regtype then 'is no bigint'
        else 'may fall below 0'
    end as finding
from lint.relations as r
inner join pg_attribute as a on r.oid = a.attrelid
where
    r.kind in ('r', 'p')
    and a.attname ~ '_count$'
    and not a.attisdropped
    and (
        a.atttypid <> 'bigint'::regtype
        or not exists (
            select
            from lint.constraints as c
            where
                c.table_id = r.oid
                and c.constraint_type = 'c'
                and c.definition ~ format('%s >= 0\)', a.attname)
        )
    );

comment on view lint.counters_unguarded is
'Counters are bigint and never below 0.';
