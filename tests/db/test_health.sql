-- What nobody sees when it is not well: each check goes bad, says what to look at, and
-- goes well again.

begin;
select plan(24);

create function pg_temp.wrong() returns text language sql as $$
    select string_agg(h.name, ' ' order by h.name) from ops.health as h where not h.ok
$$;
create function pg_temp.detail(name text) returns text language sql as $$
    select h.detail from ops.health as h where h.name = detail.name
$$;

create function pg_temp.number(name text) returns numeric language sql as $$
    select h.value from ops.health as h where h.name = number.name
$$;

select results_eq(
    'select name, ok, detail from ops.health order by name',
    $$ values
        ('breaker', true, null),
        ('cron', true, null),
        ('deletions', true, null),
        ('deploy', true, null),
        ('drift', true, null),
        ('retention', true, null)
    $$,
    'all is well'
);

-- Who may ask: the login that carries uploads.
select is(
    (
        select array_agg(r.rolname order by r.rolname)
        from unnest(array['anon', 'authenticated', 'service_role', 'media_worker'])
            as r (rolname)
        where has_function_privilege(r.rolname, 'private.check_health(text)', 'execute')
    ),
    array['media_worker'],
    'only media_worker may ask'
);

-- The migration that the code came with.
select is(
    (
        select array_agg(c.ok)
        from deploy.migrations as m
        cross join lateral private.check_health(m.version) as c
        where c.name = 'deploy' and not c.ok
    ),
    null, 'every migration that has run is known'
);
select results_eq(
    $$ select ok, detail from private.check_health('20991231235959')
    where name = 'deploy' $$,
    $$ values (
        false, 'The database lacks migrations that this code came with.'
    ) $$,
    'one that has not run is missed'
);

-- Retention.
select tests.note('old', tests.video('ada', interval '15 days 1 hour 59 minutes'));
select is(pg_temp.wrong(), null, 'a video is given 26 hours to go');
select is(
    round(pg_temp.number('retention') / 60), 1559.0,
    'the minutes that the oldest is overdue are counted'
);
select tests.note('older', tests.video('ada', interval '15 days 2 hours 1 minute'));
select is(pg_temp.wrong(), 'retention', 'and no more');
select is(
    pg_temp.detail('retention'),
    format(
        'Videos of %s should be gone: ops.retention.',
        (private.uuid_v7_time(tests.id('older')) at time zone 'utc')::date
    ),
    'it says of which day'
);
select ops.hold_video(tests.id('older'), 'evidence');
select is(pg_temp.wrong(), null, 'one that is held may stay');
select ops.release_hold(tests.id('older'));
select is(pg_temp.wrong(), 'retention', 'until it is not');
delete from public.videos where user_id = 'ada';
update private.media_deletions set state = 'cancelled' where true;

-- Deletions.
insert into private.media_deletions (kind, target, file_id, reason, not_before)
values ('file', '/videos/1.mp4', 'file-1', 'deleted', now() - interval '59 minutes');
select is(pg_temp.wrong(), null, 'an order may be due for an hour');
update private.media_deletions set not_before = now() - interval '61 minutes'
where file_id = 'file-1';
select is(pg_temp.wrong(), 'deletions', 'and no longer');
select is(pg_temp.number('deletions'), 1.0, 'one order is due');
select is(
    pg_temp.detail('deletions'),
    'Orders to delete files are due for more than an hour: ops.media_backlog.',
    'it says where to look'
);
update private.media_deletions set state = 'stopped' where file_id = 'file-1';
select is(pg_temp.wrong(), null, 'what waits for a person is not due');

-- The breaker.
select private.stop_media('no such key');
select is(pg_temp.wrong(), 'breaker', 'workers were stopped');
select is(pg_temp.number('breaker'), 1.0, 'one alarm');
select is(
    pg_temp.detail('breaker'), 'Deletions wait for a person, ops.alarms: media_stopped.',
    'it says by which alarm'
);
select ops.start_media();
select is(pg_temp.wrong(), null, 'and were started again');
select private.raise_alarm('deletions_stopped', 'x', 'y');
select is(pg_temp.wrong(), 'breaker', 'unexplained deletions were stopped');
update private.alarms set settled_at = now() where kind = 'deletions_stopped';

-- Drift.
insert into private.drift_checks (day, checked_at, videos, drifted, took)
values
('2026-01-02', now() - interval '3 hours', 5, 2, '0'),
('2026-01-03', now() - interval '3 hours', 5, 0, '0'),
('2026-01-04', now() - interval '3 days', 5, 1, '0');
select is(pg_temp.number('drift'), 2.0, 'two are wrong');
select is(pg_temp.wrong(), 'drift', 'a counter was wrong when it was looked at last');
select is(
    pg_temp.detail('drift'), '2 counters were found wrong: ops.counter_drift.',
    'it says how many'
);
insert into private.drift_checks (day, videos, drifted, took)
values ('2026-01-02', 5, 0, '0');
select is(pg_temp.wrong(), null, 'until it is found right');

select * from finish();
rollback;
