-- Whatever makes a file useless orders its deletion; too many rows that vanish for no
-- known reason stop their orders.

begin;
select plan(24);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.note('one', tests.published('ada', with_thumbnail => true));
select tests.note('two', tests.published('bob'));
create temporary view orders as
select
    v.id as video_id,
    m.reason,
    m.state,
    m.not_before - now() as wait
from private.media_deletions as m
left join private.upload_tickets as t on m.target = t.file_path
left join lateral (select t.video_id as id) as v on true;

-- Moderation.
select ops.remove_video(tests.id('one'), 'against the rules');
select results_eq(
    $$select reason, state, wait, count(*)::integer from orders
      where video_id = tests.id('one') group by reason, state, wait$$,
    $$values ('moderated', 'queued', interval '0', 2)$$,
    'what moderation removes goes at once, thumbnail included'
);
select isnt(
    (select deleted_at from public.videos where id = tests.id('one')), null,
    'and is gone for everybody'
);
select is(
    (select action || ': ' || reason from private.moderation_log), 'remove: against the rules',
    'with its reason in the log'
);
select throws_ok(
    $$select ops.remove_video(gen_random_uuid(), 'x')$$, 'P0002', null,
    'a video that is not there cannot be removed'
);

-- An account erased.
select tests.as_media_worker();
select tests.note('picture', (private.open_upload('bob', 'avatar')).ticket_id);
select private.publish_avatar(
    'bob', tests.id('picture'), tests.details(tests.id('picture'))
);
select tests.note('open', (private.open_upload('bob')).ticket_id);
select tests.as_owner();
delete from public.user_profiles where user_id = 'bob';
select results_eq(
    $$select m.reason, m.state, m.not_before, count(*)::integer
      from private.media_deletions as m
      inner join private.upload_tickets as t on m.target = t.file_path
      where t.user_id = 'bob' group by 1, 2, 3$$,
    $$values ('erased', 'queued', now(), 2)$$,
    'with an account all its files go at once, avatar included'
);
select is(
    (select state || ' ' || reason from private.upload_tickets where id = tests.id('open')),
    'expired account_erased', 'and what was uploaded but not published is swept'
);
delete from private.media_deletions where true;

-- Rows that vanish for no known reason.
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
delete from public.videos where id in (select id from many order by id limit 11);
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

-- One order a file; being asked again can only hasten it.
select private.order_file('/videos/x/a.mp4', 'a', 'orphan', '1 day');
select private.order_file('/videos/x/a.mp4', 'a', 'deleted');
select results_eq(
    $$select reason, not_before from private.media_deletions where file_id = 'a'$$,
    $$values ('deleted', now())$$, 'a second order hastens the first'
);
select private.order_file('/videos/x/a.mp4', 'a', 'orphan', '1 day');
select is(
    (select not_before from private.media_deletions where file_id = 'a'), now(),
    'and never delays it'
);
select lives_ok(
    $$select ops.cancel_media(id) from private.media_deletions where file_id = 'a'$$,
    'an administrator may forget an order'
);
select throws_ok(
    $$select ops.cancel_media(id) from private.media_deletions where file_id = 'a'$$,
    'P0002', null, 'once'
);

select * from finish();
rollback;
