-- What administrators see of retention, and where it asks them first.

begin;
select plan(32);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_owner();
create function pg_temp.day(days_ago integer) returns date language sql stable as $$
    select (now() at time zone 'utc')::date - days_ago
$$;
create function pg_temp.state(days_ago integer) returns text language sql stable as $$
    select r.state from ops.retention as r where r.day = pg_temp.day(days_ago)
$$;
create function pg_temp.made(days_ago integer, owner text default 'ada') returns uuid
language sql as $$
    select tests.video(
        made.owner,
        now() - (pg_temp.day(made.days_ago)::timestamp at time zone 'utc') - interval '1 hour'
    )
$$;
select tests.note('twenty', pg_temp.made(20));
select tests.note('twenty too', pg_temp.made(20, 'bob'));
select pg_temp.made(17);
select pg_temp.made(14);
select tests.note('new', tests.video('ada', '0'));
insert into private.video_files (
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path
)
values
(tests.id('twenty'), 'f-1', '/videos/2026-01-01/10/1.mp4', 1000, 't-1', '/videos/2026-01-01/10/1.jpg'),
(tests.id('twenty too'), 'f-2', '/videos/2026-01-01/10/2.mp4', 10, null, null);
insert into public.video_likes (video_id, user_id) values (tests.id('twenty'), 'carol');

select is(pg_temp.state(0), 'visible', 'today is visible');
select is(pg_temp.state(13), 'visible', 'so is each day all of which is');
select is(pg_temp.state(14), 'expiring', 'one in which the retention ends expires');
select is(pg_temp.state(20), 'due', 'one that has outlived it is due');
select is_empty(
    $$select from ops.retention where day > pg_temp.day(0)$$, 'days to come are not shown'
);
select results_eq(
    $$select day, videos, held, leaf_bytes > 0,
        overdue = now() - private.retention()
        - ((pg_temp.day(19))::timestamp at time zone 'utc')
      from ops.retention limit 1$$,
    $$values (pg_temp.day(20), 2::bigint, 0::bigint, true, true)$$,
    'the oldest comes first, with its rows and by how much it is overdue'
);
select is_empty(
    $$select from ops.retention where overdue is not null and state in ('visible', 'expiring')$$,
    'what is seen is not overdue'
);

select ops.hold_video(tests.id('twenty too'), 'case 1');
select results_eq(
    $$select day, videos, held, files, file_bytes, leaf_bytes, needs_approval
      from ops.retention_preview() where day = pg_temp.day(20)$$,
    $$values (pg_temp.day(20), 1::bigint, 1::bigint, 2::bigint, 1000::numeric, 0::numeric, false)$$,
    'a preview tells what would go and what is held'
);
select ops.release_hold(tests.id('twenty too'));
select results_eq(
    $$select videos, held, files, file_bytes, leaf_bytes > 0
      from ops.retention_preview() where day = pg_temp.day(20)$$,
    $$values (2::bigint, 0::bigint, 3::bigint, 1010::numeric, true)$$,
    'without a hold the leaves go too'
);
select set_eq(
    $$select day from ops.retention_preview()$$,
    array[pg_temp.day(20), pg_temp.day(17)], 'of the days that are due'
);
select set_eq(
    $$select day from ops.retention_preview('18 days')$$, array[pg_temp.day(20)],
    'or would be with another retention'
);
select is_empty(
    $$select day from ops.retention_preview('30 days')$$, 'or of none'
);
select throws_ok(
    $$select ops.retention_preview('-1 day')$$, '22023', null, 'which is not negative'
);

-- Raised before anything is retired: it is all still there, and can be liked.
select ops.set_setting('retention', '30 days');
select is(private.retire_expired_videos(), 0, 'a longer retention keeps what is there');
select private.ensure_days();
select tests.sign_in('bob');
select results_eq(
    $$select liked, likes_count from public.like_video(tests.id('twenty'))$$,
    $$values (true, 2::bigint)$$, 'it is seen and liked again'
);
select tests.as_owner();
select is(
    (select min(r.day) from ops.retention as r where r.state = 'expiring'), pg_temp.day(30),
    'days that are long gone have leaves again'
);
select ops.set_setting('retention', '14 days');
select tests.sign_in('bob');
select throws_ok(
    $$select public.like_video(tests.id('twenty'))$$, 'PT404', 'video_not_found',
    'a shorter retention hides at once'
);
select tests.as_owner();

-- Step by step.
create function pg_temp.step_until(days_ago integer) returns void language plpgsql as $$
begin
    while private.next_day_to_retire() < pg_temp.day(step_until.days_ago) loop
        perform private.retire_expired_videos();
    end loop;
end
$$;
select pg_temp.step_until(20);
select private.retire_expired_videos();
select is(pg_temp.state(20), 'retiring', 'a day without one of its leaves is retiring');
select ops.hold_video(tests.id('twenty'), 'case 2');
select private.retire_expired_videos();
select is(pg_temp.state(20), 'held', 'one of which only held videos are left is held');
select ok(
    (select overdue is null from ops.retention where day = pg_temp.day(20)),
    'and not overdue'
);
insert into private.video_days (day, videos)
select pg_temp.day(n), case n when 17 then 100 else 2 end from generate_series(16, 24) as n;
select ops.set_setting('largest_day_floor', '5');
select is(pg_temp.state(17), 'waiting for approval', 'one too large waits for approval');
select is(
    (select needs_approval from ops.retention_preview() where day = pg_temp.day(17)), true,
    'which a preview tells too'
);
select ops.approve_day(pg_temp.day(17));
select is(pg_temp.state(17), 'due', 'approved, it is due');
do $$
begin
    while private.retire_expired_videos() > 0 loop null; end loop;
end
$$;

-- Rows aged by hand, in bulk.
select ops.set_setting('breaker_floor', '3');
select tests.video('bob', '1 minute') from generate_series(1, 4);
update public.videos set created_at = now() - interval '15 days' where user_id = 'bob';
select is(private.retire_expired_videos(), 0, 'many rows aged by hand are not retired');
select results_eq(
    $$select kind, subject, detail ~ 'ops.approve_aged_videos\(4\)' from ops.alarms$$,
    $$values ('too_many_aged', 'videos', true)$$, 'an alarm asks about them'
);
select is(
    (select videos from ops.retention_preview() where day = pg_temp.day(0)), 4::bigint,
    'a preview shows them'
);
select throws_ok(
    format('select ops.approve_aged_videos(%L)', n), '22023', null,
    'an administrator says how many may go'
)
from unnest(array[null, 0]) as n;
select ops.set_setting('breaker_share', '1');
select ok(private.may_retire_aged_videos(), 'many are few where there are many more');
select ops.set_setting('breaker_share', '0.05');
select ops.approve_aged_videos(3);
select is(private.retire_expired_videos(), 0, 'with fewer approved it asks again');
select ops.approve_aged_videos(4);
select is(private.retire_expired_videos(), 4, 'with all of them approved they go');
select results_eq(
    $$select (select count(*) from ops.alarms), s.aged_approved
      from private.retirement_state as s$$,
    $$values (0::bigint, 0::bigint)$$, 'once, and the alarm is settled'
);

select * from finish();
rollback;
