-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid

-- What a person may ask of us: everything we have of him, and that it goes. Each table
-- that names people is found from the person's side.

-- The anonymous, whom nobody can ask for, cost nothing. Only the leaves that are empty
-- get it here, which costs nothing; the deploy builds the others afterwards,
-- concurrently, as it does for likes.
create index video_viewers_viewer_key_video_id_idx
on only private.video_viewers (viewer_key, video_id)
where viewer_key like 'user:%';

do $$
declare
    v_leaf record;
    v_has_rows boolean;
begin
    for v_leaf in
        select
            c.oid::regclass as leaf,
            c.relname || '_viewer_key_video_id_idx' as index_name
        from pg_inherits as i
        inner join pg_class as c on i.inhrelid = c.oid
        where i.inhparent = 'private.video_viewers'::regclass
        order by c.relname
    loop
        execute format('select exists (select from %s)', v_leaf.leaf) into v_has_rows;
        if not v_has_rows then
            -- The name is the one that "create table (like ...)" gives it.
            execute format(
                'create index %I on %s (viewer_key, video_id) where viewer_key like %L',
                v_leaf.index_name,
                v_leaf.leaf,
                'user:%'
            );
            execute format(
                'alter index private.video_viewers_viewer_key_video_id_idx '
                'attach partition partitions.%I',
                v_leaf.index_name
            );
        end if;
    end loop;
end
$$;

create index video_tombstones_user_id_video_id_idx
on private.video_tombstones (user_id, video_id);

create index video_reports_reporter_id_video_id_idx
on private.video_reports (reporter_id, video_id);

create table private.erasures (
    alias text not null default 'erased:' || gen_random_uuid(),
    user_id text,
    requested_at timestamptz not null default now(),
    constraint erasures_pkey primary key (alias),
    constraint erasures_user_id_key unique (user_id),
    constraint erasures_alias_format check (alias ~ '^erased:[0-9a-f-]{36}$'),
    constraint erasures_user_id_printable check (user_id ~ '^[^[:cntrl:]]{1,255}$')
);

comment on table private.erasures is
'People who asked to be erased, as long as something of them is there. Nobody sees '
'anything of whoever is named here.';
comment on column private.erasures.alias is
'Whose the person''s deleted videos are until their rows are purged, and what his '
'tombstones say: made up, and leads to nobody.';
comment on column private.erasures.user_id is
'Who; null since nothing names the person any more, while videos of the alias wait for '
'the purge or for the release of a hold.';

alter table private.video_holds
add column erased_user_id text,
add constraint video_holds_erased_user_id_printable
check (erased_user_id ~ '^[^[:cntrl:]]{1,255}$');

comment on column private.video_holds.erased_user_id is
'Whose video it was, if he was erased since: part of the evidence, gone with the hold.';
