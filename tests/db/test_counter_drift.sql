-- Drift, a counter that is not what it counts, is a published number that must be 0;
-- cron looks for it, and an administrator repairs it.

begin;
select plan(38);

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('ada', interval '1 second'));
select tests.note('old', tests.video('ada', interval '3 days'));
select tests.note('gone', tests.video('ada', interval '2 seconds'));
select tests.note('expired', tests.video('ada', interval '15 days'));

create function pg_temp.drift() returns setof text language sql as $$
    select concat_ws(' ', n.name, c.counter, c.stored, c.counted, c.drift)
    from ops.counter_drift as c
    inner join (
        values ('video'), ('other'), ('old'), ('gone'), ('expired')
    ) as n (name) on c.video_id = tests.id(n.name)
    order by n.name, c.counter
$$;
create function pg_temp.base(name text) returns text language sql as $$
    select concat_ws('/', v.views_count, v.likes_count, v.comments_count)
    from public.videos as v where v.id = tests.id(name)
$$;

insert into public.video_likes (video_id, user_id)
select v.id, 'fan ' || n
from public.videos as v cross join generate_series(1, 5) as n;
select tests.comment(v.id, 'bob') from public.videos as v;
select tests.sign_in('bob');
select public.record_view(tests.id(n))
from unnest(array['video', 'other', 'old', 'gone']) as n;
select tests.sign_in('carol');
select public.record_view(tests.id(n))
from unnest(array['video', 'other', 'old', 'gone']) as n;
select tests.as_owner();

select is_empty('select from ops.counter_drift', 'pending changes are no drift');
select private.fold_pending();
select is_empty('select from ops.counter_drift', 'folded ones are none either');
select is(pg_temp.base('video'), '2/5/1', 'what there is to count');

-- Rows that go, whoever removes them.
delete from public.video_likes where user_id = 'fan 1';
delete from private.video_viewers where viewer_key = 'user:carol';
delete from public.user_profiles where user_id = 'bob';
select is_empty('select from ops.counter_drift', 'an erased person leaves no drift');
select private.fold_pending();
select is(
    pg_temp.base('video'), '1/4/0', 'but takes likes, comments and views along'
);

update public.videos set deleted_at = now() where id = tests.id('gone');
select private.purge_deleted_videos();
update public.videos set views_count = 9 where id = tests.id('gone');
select is_empty('select from ops.counter_drift', 'a deleted video does not show');
update public.videos set views_count = 1, deleted_at = null where id = tests.id('gone');
select private.fold_pending();
select is_empty(
    'select from ops.counter_drift', 'one that is restored half purged has none'
);
update public.videos set deleted_at = now() where id = tests.id('gone');
select private.purge_deleted_videos() from generate_series(1, 4);
select is_empty(
    $$select from public.videos where id = tests.id('gone')$$, 'the purge ends with it'
);

-- Drift of every kind.
update public.videos set likes_count = 7 where id = tests.id('video');
update public.videos set views_count = 0 where id = tests.id('other');
insert into private.video_deltas (video_id, comments) values (tests.id('old'), 2);
update public.videos set likes_count = 100 where id = tests.id('expired');
select results_eq(
    'select pg_temp.drift()',
    $$values ('expired likes 100 4 96'), ('old comments 2 0 2'),
      ('other views 0 1 -1'), ('video likes 7 4 3')$$,
    'each counter that differs is shown: stored, counted, too many'
);
select is(
    (select day from ops.counter_drift where video_id = tests.id('old')),
    (now() at time zone 'utc')::date - 3,
    'with the day of the video'
);
select is(
    (
        select count(*)::integer from ops.counter_drift
        where day = (now() at time zone 'utc')::date - 3
    ), 1, 'a day can be asked for alone'
);

-- A day whose leaves are gone has nothing to count.
select tests.drop_day((now() at time zone 'utc')::date - 15);
select is_empty(
    $$select from ops.counter_drift where video_id = tests.id('expired')$$,
    'a day whose leaves are gone shows no drift'
);
select is_empty(
    format(
        'select from private.drifted_counters(%L)', (now() at time zone 'utc')::date - 15
    ), 'nor when it went between asking and counting'
);
select throws_ok(
    $$select ops.repair_counters(tests.id('expired'))$$,
    'P0002', null, 'nor can it be repaired: nothing is left to count'
);
select throws_ok(
    'select ops.repair_counters(gen_random_uuid())', 'P0002', null,
    'an unknown video cannot be repaired'
);

-- Cron looks.
create function pg_temp.check_all() returns void language sql as $$
    select private.check_drift()
    from generate_series(1, (select count(*) from private.counted_days()))
$$;
insert into private.drift_checks (day, checked_at, videos, drifted, took)
select d.day, now() - interval '3 hours', 0, 0, interval '0'
from private.counted_days() as d (day)
where d.day < (now() at time zone 'utc')::date - 3;
insert into private.drift_checks (day, checked_at, videos, drifted, took)
values
((now() at time zone 'utc')::date, now() - interval '90 days 1 second', 0, 0, '0'),
((now() at time zone 'utc')::date, now() - interval '89 days', 0, 0, '0');
select is(private.check_drift(), 0, 'the job has nothing to repeat');
select results_eq(
    $$select day, videos, drifted, took > '0' from private.drift_checks
      where checked_at > now()$$,
    $$values ((now() at time zone 'utc')::date - 3, 1::bigint, 1::bigint, true)$$,
    'it notes the day, how many videos it has, how many counters have drifted, and how '
    'long that took; a day that was never looked at comes first'
);
select is(
    (select count(*)::integer from private.drift_checks where videos = 0 and day = (
        now() at time zone 'utc'
    )::date), 1, 'it forgets what is older than 90 days'
);
select results_eq(
    'select kind, subject from ops.alarms',
    $$select 'counter_drift', ((now() at time zone 'utc')::date - 3)::text$$,
    'drift raises an alarm about its day'
);
select pg_temp.check_all();
select is(
    (
        select count(distinct day)::integer from private.drift_checks
        where checked_at > now()
    ),
    (select count(*)::integer from private.counted_days()),
    'each day has its turn before one comes again'
);
select ok(
    (
        select bool_and(d.day <= (now() at time zone 'utc')::date)
        from private.counted_days() as d (day)
    ), 'days to come are none of them'
);
select is(
    (
        select sum(c.drifted)::integer from private.drift_checks as c
        where c.checked_at = (
            select max(o.checked_at) from private.drift_checks as o where o.day = c.day
        )
    ), 3, 'and nothing that has drifted is missed'
);

-- What the alarm says to type.
select lives_ok(
    (
        select substring(detail from 'Look: (.*)\. Repair') from ops.alarms
        where subject = ((now() at time zone 'utc')::date - 3)::text
    ), 'the alarm says how to look'
);
select lives_ok(
    (
        select substring(detail from 'Repair: (.*)\.$') from ops.alarms
        where subject = ((now() at time zone 'utc')::date - 3)::text
    ), 'and how to repair'
);
select results_eq(
    'select pg_temp.drift()',
    $$values ('other views 0 1 -1'), ('video likes 7 4 3')$$,
    'repairing a day repairs that day'
);
select is(pg_temp.base('old'), '1/4/0', 'its counters are what its rows add up to');
select pg_temp.check_all();
select is_empty(
    $$select from ops.alarms
      where subject = ((now() at time zone 'utc')::date - 3)::text$$,
    'the alarm ends when its day is found in order'
);
select isnt_empty(
    $$select from ops.alarms where kind = 'counter_drift'$$, 'and no other'
);

-- One video, and one batch after the other.
insert into private.video_deltas (video_id, likes) values (tests.id('video'), 1);
delete from public.video_likes
where video_id = tests.id('video') and user_id = 'fan 2';
select is(
    ops.repair_counters(tests.id('video')), 1, 'one video is repaired by its id'
);
select is(pg_temp.base('video'), '1/3/0', 'with what was pending');
select is_empty(
    $$select from private.video_deltas
      where video_id = tests.id('video') and (views, likes, comments) <> (0, 0, 0)$$,
    'which is pending no more'
);
select is(
    ops.repair_counters(tests.id('video')), 0, 'where nothing has drifted it says 0'
);
insert into private.video_deltas (video_id, views) values (tests.id('other'), -5);
update public.videos set views_count = 5 where id in (tests.id('video'), tests.id('old'));
select is(ops.repair_counters(most => 2), 2, 'all are repaired so many at a time');
select is(ops.repair_counters(), 1, 'until none is left');
select is(ops.repair_counters(), 0, 'which it says');
select is_empty('select from ops.counter_drift', 'then nothing has drifted');

select tests.drop_day(d.day) from private.counted_days() as d (day);
delete from private.drift_checks where true;
select private.check_drift();
select is_empty(
    'select from private.drift_checks', 'without leaves there is nothing to check'
);

select tests.sign_in('ada');
select throws_ok(
    'select ops.repair_counters()', '42501', null, 'administrators alone repair'
);

select * from finish();
rollback;
