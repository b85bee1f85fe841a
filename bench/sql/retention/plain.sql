-- Likes and viewers as one table each, for all days: a single leaf is to deletes what a
-- plain table is. Everything that only deletes set off is gone; the original has none.
do $$
declare
    v_row record;
begin
    for v_row in
        select i.inhrelid::regclass as leaf
        from pg_catalog.pg_inherits as i
        where
            i.inhparent in (
                'public.video_likes'::regclass, 'private.video_viewers'::regclass
            )
            and exists (
                select from pg_catalog.pg_class as c
                where c.oid = i.inhrelid and c.relkind = 'r'
            )
    loop
        execute format('drop table %s', v_row.leaf);
    end loop;

    for v_row in
        select
            t.tgname,
            t.tgrelid::regclass as hangs_on
        from pg_catalog.pg_trigger as t
        where
            not t.tgisinternal
            and t.tgparentid = 0
            -- 8 is delete, 4 and 16 are insert and update.
            and t.tgtype & 8 <> 0
            and t.tgtype & (4 | 16) = 0
            and t.tgrelid in (
                'public.videos'::regclass,
                'public.video_likes'::regclass,
                'public.video_comments'::regclass,
                'private.video_files'::regclass,
                'private.video_viewers'::regclass
            )
    loop
        execute format('drop trigger %I on %s', v_row.tgname, v_row.hangs_on);
    end loop;
end
$$;

create table partitions.all_likes partition of public.video_likes
for values from (minvalue) to (maxvalue);

create table partitions.all_viewers partition of private.video_viewers
for values from (minvalue) to (maxvalue);

alter table partitions.all_viewers
add foreign key (video_id) references public.videos (id) on delete cascade;

-- It has the likes of every day.
create or replace function private.has_day(video_id uuid)
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
    return has_day.video_id is not null;
end
$$;
