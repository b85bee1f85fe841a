-- Rows that vanish for no known reason may be a mistake: their files wait a day, a
-- restore saves them, and too many at once stop until somebody says so.

begin;
select plan(21);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.files(how_many integer) returns setof uuid language sql as $$
    with made as (
        select tests.video('carol', '1 hour') as id from generate_series(1, how_many)
    )
    insert into private.video_files (video_id, file_id, file_path, bytes)
    select id, 'f-' || id, '/videos/2026-11-24/08/' || id || '.mp4', 1 from made
    returning video_id
$$;
create temporary table many as select f.id from pg_temp.files(40) as f (id);
create temporary table kept as select * from public.videos;
create temporary table kept_files as
select video_id, file_id, file_path, bytes from private.video_files;

delete from public.videos where id in (select id from many order by id limit 10);
select results_eq(
    $$select distinct reason, state, not_before - now() from private.media_deletions$$,
    $$values ('unexplained', 'queued', interval '24 hours')$$,
    'a few wait a day for somebody to notice'
);
insert into private.media_deletions (kind, target, file_id, reason, created_at)
values
('file', '/videos/x/known.mp4', 'k', 'deleted', now()),
('file', '/videos/x/before.mp4', 'b', 'unexplained', now() - interval '1 hour 1 second');
delete from public.videos where id in (select id from many order by id limit 11);
select results_eq(
    $$select target collate "default" from private.media_deletions where state = 'queued' order by target$$,
    $$values ('/videos/x/before.mp4'), ('/videos/x/known.mp4')$$,
    'what is known to be meant, or vanished before, goes on'
);
delete from private.media_deletions where target like '/videos/x/%';
select results_eq(
    $$select state, count(*)::integer from private.media_deletions group by state$$,
    $$values ('stopped', 11)$$,
    'one more, and they are more than a twentieth of all files within an hour: stopped'
);
select is(
    (select kind from ops.alarms), 'deletions_stopped', 'an alarm says so'
);
select is(
    (select count(*)::integer from ops.media_stopped), 11,
    'ops.media_stopped lists them'
);
select is(
    (select state || ' ' || orders from ops.media_backlog), 'stopped 11',
    'and the backlog counts them'
);
update private.media_deletions set not_before = now() where true;
select is_empty(
    $$select from private.lease_media('file')$$, 'what is stopped is carried out by nobody'
);

-- The restore: the rows come back as they were.
insert into public.videos select k.* from kept as k
where k.id in (select m.id from many as m order by m.id limit 10);
insert into private.video_files (video_id, file_id, file_path, bytes)
select k.* from kept_files as k
where k.video_id in (select m.id from many as m order by m.id limit 10);
select results_eq(
    $$select state, count(*)::integer from private.media_deletions
      group by state order by state$$,
    $$values ('cancelled', 10), ('stopped', 1)$$, 'a restore cancels their orders'
);
select lives_ok(
    $$select ops.retry_media(s.id) from ops.media_stopped as s$$,
    'an administrator lets the rest go on'
);
select is(
    (select count(*)::integer from private.lease_media('file')), 1, 'then it is carried out'
);
select lives_ok(
    $$select ops.settle_alarm(a.id) from ops.alarms as a$$, 'and settles the alarm'
);
select is_empty($$select from ops.alarms$$, 'which is closed');
select throws_ok(
    $$select ops.settle_alarm(-1)$$, 'P0002', null, 'an alarm that is not there is not'
);

-- The share counts, not the number alone.
select ops.set_setting('breaker_share', '0.9');
delete from private.media_deletions where true;
delete from public.videos where id in (select id from many);
select is(
    (select distinct state from private.media_deletions), 'stopped',
    'all files at once are nine tenths and more'
);
delete from private.media_deletions where true;
insert into public.videos select k.* from kept as k where k.id in (select m.id from many as m);
insert into private.video_files (video_id, file_id, file_path, bytes)
select k.* from kept_files as k where k.video_id in (select m.id from many as m);
delete from public.videos where id in (select id from many order by id limit 20);
select is(
    (select distinct state from private.media_deletions), 'queued', 'half of them is not'
);

-- A video counts once, with its thumbnail, and not when it came back.
delete from private.media_deletions where true;
delete from public.videos where true;
delete from private.media_deletions where true;
select ops.settle_alarm(id) from ops.alarms;
select ops.set_setting('breaker_share', '0.05');
insert into public.videos select k.* from kept as k where k.id in (select m.id from many as m);
insert into private.video_files (
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path
)
select k.*, 't-' || k.video_id, replace(k.file_path, '.mp4', '.jpg') from kept_files as k;
create temporary table kept_pictures as
select video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path
from private.video_files;
delete from public.videos where id in (select id from many order by id limit 10);
select results_eq(
    $$select state, count(*)::integer from private.media_deletions group by state$$,
    $$values ('queued', 20)$$, 'ten videos have twenty files and are ten all the same'
);
insert into public.videos select k.* from kept as k
where k.id in (select m.id from many as m order by m.id limit 10);
insert into private.video_files (
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path
)
select k.* from kept_pictures as k
where k.video_id in (select m.id from many as m order by m.id limit 10);
delete from public.videos where id in (select id from many order by id desc limit 10);
select results_eq(
    $$select state, count(*)::integer from private.media_deletions group by state$$,
    $$values ('cancelled', 20), ('queued', 20)$$,
    'those that came back do not count, and others may vanish'
);
delete from public.videos where id in (select id from many order by id desc limit 11);
select results_eq(
    $$select state, count(*)::integer from private.media_deletions group by state order by 1$$,
    $$values ('cancelled', 20), ('stopped', 22)$$, 'up to the eleventh'
);
select matches(
    (select detail from ops.alarms), '^The rows of 11 of about 40 videos vanished',
    'and the alarm counts videos'
);

-- Each file counts once an hour: what vanished before is another matter.
delete from private.media_deletions where true;
select ops.set_setting('breaker_share', '0.05');
insert into private.media_deletions (kind, target, file_id, reason, created_at)
select
    'file', '/videos/x/' || n || '.mp4', n::text, 'unexplained',
    now() - interval '1 hour 1 second'
from generate_series(1, 50) as n;
delete from public.videos where id = (select min(id::text)::uuid from public.videos);
select is(
    (select distinct state from private.media_deletions), 'queued',
    'what vanished more than an hour ago does not count'
);
delete from private.media_deletions where true;
insert into private.media_deletions (kind, target, file_id, reason)
select 'file', '/videos/x/' || n || '.mp4', n::text, 'deleted'
from generate_series(1, 50) as n;
delete from public.videos where id = (select min(id::text)::uuid from public.videos);
select is(
    (select distinct state from private.media_deletions), 'queued',
    'nor does what was deleted for a reason'
);

select * from finish();
rollback;
