-- What is trending, as rankings of a minute each; and the index behind "my likes".

create table private.trending (
    epoch integer not null,
    rank integer not null,
    video_id uuid not null,
    score double precision not null,
    constraint trending_pkey primary key (epoch, rank, video_id),
    constraint trending_rank_positive check (rank > 0)
)
-- Every minute one ranking comes and one goes.
with (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000
);

comment on table private.trending is
'The rankings of the last hour, one a minute; whoever pages stays in the one he began '
'with. Written by refresh_trending() alone. Counts and ids, no people.';
comment on column private.trending.epoch is
'Which ranking: the minute it was made in, counted from 1970.';
comment on column private.trending.rank is
'1 is what trends most.';
comment on column private.trending.video_id is
'No foreign key: a row lives an hour, and readers pass by videos that are gone.';
comment on column private.trending.score is
'From private.trending_score() at that minute.';

-- A person's likes, newest videos first. Only the leaves that are empty get it here,
-- which costs nothing; building it on millions of rows would keep people from liking
-- for seconds, so the deploy does that afterwards, concurrently, leaf by leaf.
-- squawk-ignore require-concurrent-index-creation
create index video_likes_user_id_video_id_idx
on only public.video_likes (user_id, video_id desc);

do $$
declare
    v_leaf regclass;
    v_has_rows boolean;
begin
    for v_leaf in
        select i.inhrelid::regclass
        from pg_inherits as i
        where i.inhparent = 'public.video_likes'::regclass
        order by i.inhrelid::regclass::text
    loop
        execute format('select exists (select from %s)', v_leaf) into v_has_rows;
        if not v_has_rows then
            -- The name is the one that "create table (like ...)" gives it.
            execute format(
                'create index %I on %s (user_id, video_id desc)',
                (select c.relname from pg_class as c where c.oid = v_leaf)
                || '_user_id_video_id_idx',
                v_leaf
            );
            execute format(
                'alter index public.video_likes_user_id_video_id_idx '
                'attach partition partitions.%I',
                (select c.relname from pg_class as c where c.oid = v_leaf)
                || '_user_id_video_id_idx'
            );
        end if;
    end loop;
end
$$;
