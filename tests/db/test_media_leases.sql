-- What workers get to do, for how long, and what they tell.

begin;
select plan(49);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.order_(kind text, target text, reason text default 'deleted')
returns bigint language sql as $$
    insert into private.media_deletions (kind, target, file_id, reason)
    values (kind, target, case kind when 'file' then 'id of ' || target end, reason)
    returning id
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

select tests.as_owner();
insert into private.media_deletions (kind, target, file_id, reason, not_before)
values ('file', '/videos/x/later.mp4', 'l', 'unexplained', now() + interval '1 second');
insert into private.media_deletions (kind, target, file_id, reason, state)
select 'file', '/videos/x/' || ended.state || '.mp4', 'e', 'deleted', ended.state
from unnest(array['stopped', 'done', 'dead', 'cancelled']) as ended (state);
select tests.as_media_worker();
select is_empty(
    $$select from private.lease_media('file')$$,
    'what waits for its time, was stopped or has ended is nobody''s'
);
select tests.as_owner();
delete from private.media_deletions where target !~ '/.\.mp4$';

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
select ok(
    not private.kill_media((select ids[1] from mine), 2, 'late'), 'what is done stays done'
);
select tests.as_owner();
select results_eq(
    $$select distinct state, note from private.media_deletions
      where kind = 'file' order by note$$,
    $$values ('done', 'gone'), ('done', null)$$, 'with what came of it'
);

-- Giving back.
delete from private.media_deletions where true;
select pg_temp.order_('file', '/videos/x/a.mp4');
create temporary table one as select id from private.media_deletions;
grant select on one to public;
select tests.as_media_worker();
select private.lease_media('file');
select is(
    private.postpone_media(array(select id from one), array[7], 'HTTP 503'), 0,
    'an old lease gives nothing back'
);
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
    private.postpone_media(array(select id from one), array[2], 'HTTP 429', false), 1,
    'what was not its fault does not count'
);
select tests.as_owner();
select is((select attempts from private.media_deletions), 10, 'as an attempt');

-- The next lease has another number, although the attempt did not count: whoever had it
-- before and comes late has no say.
select tests.as_media_worker();
select is(
    (select attempt from private.lease_media('file')), 3, 'each lease has its own number'
);
select is(
    private.finish_media(array(select id from one), array[2]), 0,
    'one that was given back finishes nothing'
);
select is(
    private.postpone_media(array(select id from one), array[2], 'late'), 0,
    'gives nothing back'
);
select ok(not private.kill_media((select id from one), 2, 'late'), 'and kills nothing');
select is(
    private.postpone_media(array(select id from one), array[3], 'HTTP 429', false), 1,
    'the one that counts does'
);
select tests.as_owner();
update private.media_deletions set attempts = 11 where true;
select tests.as_media_worker();
select private.lease_media('file');
select private.postpone_media(array(select id from one), array[4], 'HTTP 500');
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
select is((select attempts from private.media_deletions), 0, 'and begins again');
select tests.as_media_worker();
select is(
    private.finish_media(array(select id from one), array[4]), 0,
    'without the worker that had it before'
);
create temporary table again as select attempt from private.lease_media('file');
select ok(
    not private.kill_media((select id from one), 4, 'malformed'),
    'an old lease kills nothing'
);
select ok(
    private.kill_media((select id from one), (select attempt from again), 'malformed'),
    'what can never succeed is dead at once'
);
select tests.as_owner();
select is((select kind from ops.alarms), 'media_dead', 'with an alarm as well');
select ops.cancel_media(id) from one;
select is_empty($$select from ops.alarms$$, 'ops.cancel_media() settles it too');
select throws_ok(
    $$select ops.retry_media(-1)$$, 'P0002', null, 'an order that is not there is not'
);

-- Wanted again, or stopped, while a worker carries it out.
delete from private.media_deletions where true;
select pg_temp.order_('file', '/videos/x/' || name || '.mp4')
from unnest(array['cancelled', 'stopped', 'cancelled before']) as name;
update private.media_deletions set state = 'cancelled' where target like '%before%';
create temporary table leased as
select order_id, attempt from private.lease_media('file');
update private.media_deletions set state = 'cancelled' where target like '%/cancelled.%';
update private.media_deletions set state = 'stopped' where target like '%/stopped.%';
grant select on leased to public;
select private.finish_media(array_agg(order_id), array_agg(attempt - 1)) from leased;
select is_empty($$select from ops.alarms$$, 'whoever had it before tells nothing about it');
select tests.as_media_worker();
select is(
    (select private.finish_media(array_agg(order_id), array_agg(attempt)) from leased), 1,
    'what was stopped in the middle is done'
);
select tests.as_owner();
select results_eq(
    $$select target collate "default", state, note from private.media_deletions
      where kind = 'file' order by target$$,
    $$values
      ('/videos/x/cancelled before.mp4', 'cancelled', null),
      ('/videos/x/cancelled.mp4', 'cancelled', 'deleted all the same'),
      ('/videos/x/stopped.mp4', 'done', null)$$,
    'what was cancelled in the middle is cancelled, and gone'
);
select results_eq(
    $$select kind, subject from ops.alarms$$,
    $$values ('file_missing', '/videos/x/cancelled.mp4')$$, 'an alarm says so'
);
select private.finish_media(array_agg(order_id), array_agg(attempt)) from leased;
select is((select times from ops.alarms), 1, 'once');
select ops.settle_alarm(id) from ops.alarms;

-- A path that has another file by now: the order means that one.
delete from private.media_deletions where true;
select private.order_file('/videos/x/a.mp4', 'first', 'failed');
create temporary table first_lease as
select order_id, attempt from private.lease_media('file');
select private.order_file('/videos/x/a.mp4', 'first', 'failed');
select is_empty(
    $$select from private.lease_media('file')$$,
    'asked for once more, whoever has it keeps it'
);
select private.order_file('/videos/x/a.mp4', 'second', 'expired');
select is(
    (
        select private.finish_media(array[l.order_id], array[l.attempt])
        from first_lease as l
    ),
    0, 'who deletes the file before is not done with the one that came since'
);
select is(
    (select file_id from private.lease_media('file')), 'second', 'that is deleted next'
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
select ops.start_media();
select is(
    (select paused_until from private.media_worker_state), null,
    'or until an administrator says so'
);
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

-- What is kept as evidence outlives its owner's delete, and goes when it is released.
select tests.as_owner();
delete from private.media_deletions where true;
select tests.note('held', tests.published('ada', with_thumbnail => true));
select tests.note('other', tests.published('ada'));
insert into private.video_holds (video_id, reason) values (tests.id('held'), 'case 1');
update public.videos set deleted_at = now() where true;
select tests.as_media_worker();
select results_eq(
    $$select count(*)::integer from private.lease_media('file')$$,
    $$values (1)$$, 'the files of a held video are not deleted, those of others are'
);
select tests.as_owner();
delete from private.video_holds where true;
select tests.as_media_worker();
select is(
    (select count(*)::integer from private.lease_media('file')), 2,
    'after the hold both of its own go'
);
select tests.as_owner();
update private.media_deletions set leased_until = null where true;
alter table public.videos disable trigger cancel_video_files_on_unmark;
update public.videos set deleted_at = null where id = tests.id('held');
select is(
    (select count(*)::integer from private.lease_media('file')), 1,
    'but not those of a video that came back past every trigger'
);

select * from finish();
rollback;
