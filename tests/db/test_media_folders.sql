-- An hour's folder is deleted whole only when its day is old enough and nothing that
-- stays lies in it.

begin;
select plan(28);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.folder(days_ago integer, hour text default '08') returns text
language sql as $$
    select to_char(now() at time zone 'utc' - make_interval(days => days_ago),
                   '"/videos/"YYYY-MM-DD') || '/' || hour
$$;
create function pg_temp.order_folder(target text) returns bigint language sql as $$
    insert into private.media_deletions (kind, target, reason)
    values ('folder', target, 'retired')
    returning id
$$;
create function pg_temp.file(video_id uuid, path text) returns void language sql as $$
    insert into private.video_files (video_id, file_id, file_path, bytes)
    values (video_id, 'id of ' || path, path, 1)
$$;
-- As the next worker after six minutes.
create function pg_temp.leased(out target text, out is_whole boolean) returns setof record
language plpgsql as $$
begin
    update private.media_deletions set leased_until = null, not_before = now()
    where kind = 'folder';
    return query
    select m.target, m.is_whole from private.lease_media('folder', 10) as m order by 1;
end
$$;

-- Hours of old enough days, and nothing else, whatever an order says.
select pg_temp.order_folder(f)
from unnest(array[
    pg_temp.folder(15), pg_temp.folder(14), '/videos/2020-01-01', '/videos/2020-01-01/08/sub',
    '/videos/2020-01-01/8', '/videos/0000-00-00/08/', '/avatars/2020-01-01'
]) as f;
select results_eq(
    $$select target, is_whole from pg_temp.leased()$$,
    $$values (pg_temp.folder(15), true)$$,
    'only an hour of a day that outlived the retention and a day'
);
select pg_temp.order_folder('/videos/2020-13-45/99');
select lives_ok(
    $$select pg_temp.leased()$$, 'a day that never was does not stop the others'
);
select ops.set_setting('retention', '30 days');
select is_empty(
    $$select from pg_temp.leased() where target like '/videos/202_-__-__/08'$$,
    'a longer retention keeps what it would have deleted'
);
select ops.set_setting('retention', '14 days');
delete from private.media_deletions where target <> pg_temp.folder(15);

-- Signed at 23:50, published at 00:10.
select tests.note('late', tests.video('ada', '13 days'));
select pg_temp.file(tests.id('late'), pg_temp.folder(15) || '/late.mp4');
select results_eq(
    $$select target, is_whole from pg_temp.leased()$$,
    $$values (pg_temp.folder(15), false)$$,
    'a folder with a video that stays is not deleted whole'
);
create temporary table listing as
select jsonb_agg(jsonb_build_object('filePath', path, 'fileId', 'id of ' || path)) as files
from unnest(array[
    pg_temp.folder(15) || '/late.mp4', pg_temp.folder(15) || '/old.mp4',
    pg_temp.folder(15) || '/été..mp4', '/videos/elsewhere.mp4'
]) as path;
create function pg_temp.split(is_complete boolean) returns integer language sql as $$
    select private.split_media_folder(m.id, m.leases, l.files, is_complete)
    from private.media_deletions as m cross join listing as l
    where m.kind = 'folder'
$$;
select is(
    (
        select private.split_media_folder(m.id, m.leases - 1, l.files, true)
        from private.media_deletions as m cross join listing as l
    ),
    0, 'who has lost the lease splits nothing'
);
select is(
    pg_temp.split(true), 2, 'but file by file, without what stays and what lies elsewhere'
);
select results_eq(
    $$select target collate "default", reason, not_before from private.media_deletions
      where kind = 'file' order by target$$,
    $$select pg_temp.folder(15) || file, 'retired', now()
      from unnest(array['/old.mp4', '/été..mp4']) as file$$,
    'that is, these, whatever they are called'
);
select is(
    (select state from private.media_deletions where kind = 'folder'), 'cancelled',
    'and the folder''s own order has nothing left to say'
);
select is(pg_temp.split(true), 0, 'twice it says nothing');

-- A file that lies there by now under the path of one that was ordered before.
select pg_temp.order_folder(pg_temp.folder(15));
delete from private.media_deletions where state = 'cancelled';
update private.media_deletions set file_id = 'id of another' where target like '%/old.mp4';
create temporary table leased_before as
select order_id, attempt from private.lease_media('file');
select pg_temp.leased();
select is(pg_temp.split(true), 1, 'a newer file is ordered, the others are ordered already');
select results_eq(
    $$select right(m.target collate "default", 8), m.file_id = 'id of ' || m.target, m.leased_until is null
      from private.media_deletions as m where m.kind = 'file' order by 1$$,
    $$values ('/old.mp4', true, true), ('été..mp4', true, false)$$,
    'in the place of the one before'
);
select is(
    (
        select private.finish_media(array_agg(order_id), array_agg(attempt))
        from leased_before
    ),
    1, 'which is nobody''s to call done'
);

-- A thumbnail counts as much as a video.
delete from private.media_deletions where true;
delete from private.video_files where true;
delete from private.media_deletions where true;
select pg_temp.order_folder(pg_temp.folder(15));
insert into private.video_files (
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path
)
values (
    tests.id('late'), 'late', pg_temp.folder(14) || '/late.mp4', 1,
    'thumb', pg_temp.folder(15) || '/old.mp4'
);
select is(
    (select is_whole from pg_temp.leased()), false, 'a thumbnail keeps its folder'
);
select is(pg_temp.split(true), 2, 'and stays when it is split');
select is_empty(
    $$select from private.media_deletions
      where kind = 'file' and target like '%/old.mp4' and state = 'queued'$$,
    'no order names it'
);

-- An open upload.
delete from private.media_deletions where true;
delete from private.video_files where true;
delete from private.media_deletions where true;
select pg_temp.order_folder(pg_temp.folder(15));
insert into private.upload_tickets (
    id, user_id, purpose, folder, file_name, expires_at, state
)
values (
    private.uuid_v7(), 'ada', 'video', pg_temp.folder(15), 'old.mp4', now(), 'issued'
);
select is((select is_whole from pg_temp.leased()), false, 'an open upload keeps its folder');
select is(pg_temp.split(false), 2, 'and its file');
select results_eq(
    $$select state, attempts, not_before - now(), note from private.media_deletions
      where kind = 'folder'$$,
    $$values ('queued', 0, interval '10 minutes', 'split into 2 files')$$,
    'a folder that is split in parts comes again'
);
update private.upload_tickets set state = 'uploaded' where true;
select is((select is_whole from pg_temp.leased()), false, 'so does one that waits');
update private.upload_tickets set state = 'expired' where true;
select is((select is_whole from pg_temp.leased()), true, 'an ended one does not');

-- A deleted video keeps nothing; a held one does, deleted or not.
select pg_temp.file(tests.id('late'), pg_temp.folder(15) || '/late.mp4');
update public.videos set deleted_at = now() where id = tests.id('late');
select is((select is_whole from pg_temp.leased()), true, 'a deleted video does not keep it');
insert into private.video_holds (video_id, reason) values (tests.id('late'), 'case 1');
select is((select is_whole from pg_temp.leased()), false, 'a held one does');
delete from private.media_deletions where kind = 'file';
select is(pg_temp.split(false), 2, 'and its file');
select is_empty(
    $$select from private.media_deletions where kind = 'file' and target like '%/late.mp4'$$,
    'no order names that'
);
delete from private.video_holds where true;

-- A day that is being retired batch by batch: its folders wait for the last batch.
delete from private.media_deletions where true;
select tests.note('next batch', tests.video('ada', '15 days'));
select pg_temp.file(tests.id('next batch'), pg_temp.folder(15) || '/next.mp4');
select pg_temp.order_folder(pg_temp.folder(15));
select is_empty($$select from pg_temp.leased()$$, 'a folder waits while its day is retired');
insert into private.video_holds (video_id, reason) values (tests.id('next batch'), 'case 1');
select is(
    (select is_whole from pg_temp.leased()), false, 'not for a video that is held'
);
delete from private.video_holds where true;
do $$
begin
    while private.retire_expired_videos() > 0 loop null; end loop;
end
$$;
select is((select is_whole from pg_temp.leased()), true, 'then it goes whole');
select is(
    (select count(*)::integer from private.media_deletions), 1, 'as one order'
);

select * from finish();
rollback;
