-- What workers get to do, for how long, and what they tell.

begin;
select plan(45);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.order_(kind text, target text, reason text default 'deleted')
returns bigint language sql as $$
    insert into private.media_deletions (kind, target, file_id, reason)
    values (kind, target, case kind when 'file' then 'id of ' || target end, reason)
    returning id
$$;
create function pg_temp.folder(days_ago integer, hour text default '08') returns text
language sql as $$
    select to_char(now() at time zone 'utc' - make_interval(days => days_ago),
                   '"/videos/"YYYY-MM-DD') || '/' || hour
$$;

-- Leases.
select pg_temp.order_('file', '/videos/x/' || n || '.mp4') from generate_series(1, 3) as n;
select tests.as_media_worker();
select results_eq(
    $$select target, file_id, attempt from private.lease_media('file', 2)$$,
    $$values ('/videos/x/1.mp4', 'id of /videos/x/1.mp4', 1),
             ('/videos/x/2.mp4', 'id of /videos/x/2.mp4', 1)$$,
    'a worker leases what is due, as many as it asks for'
);
select is(
    (select count(*)::integer from private.lease_media('file')), 1,
    'the next gets what is left'
);
select is_empty($$select from private.lease_media('file')$$, 'and nobody gets it twice');
select is_empty($$select from private.lease_media('folder')$$, 'kinds are apart');
select tests.as_owner();
update private.media_deletions set leased_until = now() where true;
select tests.as_media_worker();
select is(
    (select min(attempt) from private.lease_media('file')), 2,
    'a lease that ran out is somebody else''s'
);

-- Telling.
select tests.as_owner();
create temporary table mine as
select array_agg(id order by id) as ids from private.media_deletions;
grant select on mine to public;
select tests.as_media_worker();
select is(
    private.finish_media((select ids from mine), array[1, 1, 1]), 0,
    'whoever''s lease ran out has no say any more'
);
select is(
    private.finish_media((select ids from mine), array[2, 1, 2], 'gone'), 2,
    'the others are done'
);
select is(
    private.finish_media((select ids from mine), array[2, 2, 2]), 1, 'each once'
);
select tests.as_owner();
select results_eq(
    $$select distinct state, note from private.media_deletions
      where kind = 'file' order by note$$,
    $$values ('done', 'gone'), ('done', null)$$, 'with what came of it'
);

-- The purge of the CDN, while the month's budget lasts.
select is(
    (select count(*)::integer from private.media_deletions where kind = 'purge'), 3,
    'what an owner deleted leaves the cache too'
);
select tests.as_media_worker();
select is(
    (select target from private.lease_media('purge', 1)), '/videos/x/1.mp4*',
    'with all renditions'
);
select private.spend_purge();
select private.spend_purge();
select tests.as_owner();
select is(private.purges_left(), 1000 - 100 - 2 - 3, 'spent and ordered ones count');
update private.media_worker_state set purge_month = '2020-01-01';
select is(private.purges_left(), 1000 - 100 - 3, 'each month begins anew');
select private.spend_purge();
select is((select purges_used from private.media_worker_state), 1, 'with its first');
select ops.set_setting('purges_per_month', '3');
select private.order_purge('file', '/videos/x/late.mp4', 'deleted');
select private.order_purge('file', '/videos/x/bad.mp4', 'moderated');
select private.order_purge('file', '/videos/x/old.mp4', 'expired');
select private.order_purge('folder', pg_temp.folder(20, '07'), 'retired');
select private.order_purge('folder', pg_temp.folder(20, '08'), 'retired');
select private.order_purge('purge', '/videos/x/1.mp4*', 'deleted');
select results_eq(
    $$select target collate "default", not_before - now() from private.media_deletions
      where kind = 'purge' and target not like '/videos/x/_.mp4*' order by target like '%bad%'$$,
    $$values (left(pg_temp.folder(20), 18) || '/*', interval '1 hour'),
             ('/videos/x/bad.mp4*', interval '0')$$,
    'without budget moderation still purges, and each retired day once'
);

-- Giving back.
delete from private.media_deletions where true;
select pg_temp.order_('file', '/videos/x/a.mp4');
create temporary table one as select id from private.media_deletions;
grant select on one to public;
select tests.as_media_worker();
select private.lease_media('file');
select is(
    private.postpone_media(array(select id from one), array[1], 'HTTP 503'), 1,
    'what failed comes again'
);
select tests.as_owner();
select results_eq(
    $$select state, attempts, last_error, leased_until is null,
        not_before between now() + interval '5 seconds' and now() + interval '15 seconds'
      from private.media_deletions$$,
    $$values ('queued', 1, 'HTTP 503', true, true)$$, 'after some ten seconds'
);
update private.media_deletions set not_before = now(), attempts = 10 where true;
select tests.as_media_worker();
select private.lease_media('file');
select is(
    private.postpone_media(array(select id from one), array[11], 'HTTP 429', false), 1,
    'what was not its fault does not count'
);
select tests.as_owner();
select is((select attempts from private.media_deletions), 10, 'as an attempt');
update private.media_deletions set attempts = 11 where true;
select tests.as_media_worker();
select private.lease_media('file');
select private.postpone_media(array(select id from one), array[12], 'HTTP 500');
select tests.as_owner();
select results_eq(
    $$select last_error, attempts from ops.media_dead$$,
    $$values ('HTTP 500', 12)$$, 'after twelve it is dead'
);
select is((select kind from ops.alarms), 'media_dead', 'with an alarm');
select ops.retry_media(id) from one;
select is_empty(
    $$select from ops.alarms$$, 'ops.retry_media() settles that'
);
select tests.as_media_worker();
select is(
    (select attempt from private.lease_media('file')), 1, 'and begins again'
);
select ok(
    not private.kill_media((select id from one), 7, 'malformed'),
    'an old lease kills nothing'
);
select ok(
    private.kill_media((select id from one), 1, 'malformed'),
    'what can never succeed is dead at once'
);
select tests.as_owner();
select is((select kind from ops.alarms), 'media_dead', 'with an alarm as well');
select ops.cancel_media(id) from one;
select is_empty($$select from ops.alarms$$, 'ops.cancel_media() settles it too');
select throws_ok(
    $$select ops.retry_media(-1)$$, 'P0002', null, 'an order that is not there is not'
);

-- Pauses and stops hold for everybody.
select pg_temp.order_('file', '/videos/x/b.mp4');
select tests.as_media_worker();
select private.pause_media('30 seconds');
select private.pause_media('10 seconds');
select is_empty($$select from private.lease_media('file')$$, 'paused, nobody gets work');
select tests.as_owner();
select ok(
    (select paused_until from private.media_worker_state)
    between now() + interval '30 seconds' and now() + interval '33 seconds',
    'for as long as was asked, and a little'
);
update private.media_worker_state set paused_until = now();
select tests.as_media_worker();
select private.stop_media('HTTP 401');
select private.stop_media('HTTP 401');
select is_empty($$select from private.lease_media('file')$$, 'stopped, neither');
select tests.as_owner();
select results_eq(
    $$select kind, times from ops.alarms$$,
    $$values ('media_stopped', 2)$$, 'and an alarm says so'
);
select ops.start_media();
select is_empty($$select from ops.alarms$$, 'until an administrator starts them again');
select tests.as_media_worker();
select is(
    (select count(*)::integer from private.lease_media('file')), 1, 'then work goes on'
);

-- Folders: hours of old enough days, and nothing else, whatever an order says.
select tests.as_owner();
select pg_temp.order_('folder', f)
from unnest(array[
    pg_temp.folder(15), pg_temp.folder(14), '/videos/2020-01-01', '/videos/2020-01-01/08/sub',
    '/avatars/2020-01-01'
]) as f;
select results_eq(
    $$select target, is_whole from private.lease_media('folder', 10)$$,
    $$values (pg_temp.folder(15), true)$$,
    'only an hour of a day that outlived the retention and a day'
);
update private.media_deletions set leased_until = null where true;
select ops.set_setting('retention', '30 days');
select is_empty(
    $$select from private.lease_media('folder', 10)$$,
    'a longer retention keeps what it would have deleted'
);
select ops.set_setting('retention', '14 days');

-- Signed at 23:50, published at 00:10: the hour's folder is not whole.
select tests.note('late', tests.video('ada', '13 days'));
insert into private.video_files (video_id, file_id, file_path, bytes)
values (tests.id('late'), 'late', pg_temp.folder(15) || '/late.mp4', 1);
select is(
    (select is_whole from private.lease_media('folder', 10)), false,
    'a folder with a video that stays is not deleted whole'
);
create temporary table whole as
select m.id, m.attempts from private.media_deletions as m
where m.target = pg_temp.folder(15);
select is(
    private.split_media_folder(
        (select w.id from whole as w), (select w.attempts from whole as w),
        jsonb_build_array(
            jsonb_build_object('filePath', pg_temp.folder(15) || '/late.mp4', 'fileId', 'l'),
            jsonb_build_object('filePath', pg_temp.folder(15) || '/old.mp4', 'fileId', 'o'),
            jsonb_build_object('filePath', '/videos/elsewhere.mp4', 'fileId', 'e')
        ),
        true
    ),
    1, 'but file by file, without what stays and what lies elsewhere'
);
select results_eq(
    $$select target collate "default", file_id from private.media_deletions where kind = 'file'
      and state = 'queued' and target like '/videos/20%'$$,
    $$values (pg_temp.folder(15) || '/old.mp4', 'o')$$, 'that is, this one'
);
select is(
    (select state from private.media_deletions where id = (select w.id from whole as w)),
    'cancelled', 'and the folder''s own order has nothing left to say'
);
select is(
    private.split_media_folder((select w.id from whole as w), 1, '[]', true), 0,
    'twice it says nothing'
);

-- A held video, an open upload.
delete from private.media_deletions where true;
delete from private.video_files where true;
select pg_temp.order_('folder', pg_temp.folder(15));
insert into private.upload_tickets (id, user_id, purpose, folder, file_name, expires_at)
values (private.uuid_v7(), 'ada', 'video', pg_temp.folder(15), 'open.mp4', now());
select is(
    (select is_whole from private.lease_media('folder')), false,
    'an open upload keeps its folder'
);
update private.upload_tickets set state = 'expired' where true;
select private.split_media_folder(
    (select id from private.media_deletions where kind = 'folder'), 1, '[]', false
);
select results_eq(
    $$select state, attempts, not_before - now() from private.media_deletions
      where kind = 'folder'$$,
    $$values ('queued', 0, interval '10 minutes')$$,
    'a folder that is split in parts comes again'
);
update private.media_deletions set not_before = now() where kind = 'folder';
update public.videos set deleted_at = now() where id = tests.id('late');
insert into private.video_files (video_id, file_id, file_path, bytes)
values (tests.id('late'), 'late', pg_temp.folder(15) || '/late.mp4', 1);
select is(
    (select is_whole from private.lease_media('folder')), true,
    'a deleted video does not keep it'
);
update private.media_deletions set leased_until = null where true;
insert into private.video_holds (video_id, reason) values (tests.id('late'), 'case 1');
select is(
    (select is_whole from private.lease_media('folder')), false, 'a held one does'
);

select * from finish();
rollback;
