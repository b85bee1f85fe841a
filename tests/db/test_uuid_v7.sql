-- Ids carry their time: the order of the feed, the age of a video, the day of a like.

begin;
select plan(10);

select matches(
    private.uuid_v7()::text, '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]',
    'an id is a UUID of version 7'
);
select is(
    private.uuid_v7_time(private.uuid_v7('2026-11-24 08:00:00.123456+00')),
    '2026-11-24 08:00:00.123+00'::timestamptz,
    'its time comes back, to the millisecond'
);
select ok(
    private.uuid_v7('2026-11-24 08:00:00.000001+00')
    < private.uuid_v7('2026-11-24 08:00:00.000999+00'),
    'within a millisecond the order of time holds too'
);
select is(
    (
        select count(*)::integer
        from (
            select made.at < lag(made.at) over (order by made.n) as goes_back
            from (
                select n, private.uuid_v7_time(private.uuid_v7()) as at
                from generate_series(1, 1000) as n
            ) as made
        ) as ordered
        where goes_back
    ),
    0, 'ids made one after the other do not go back in time'
);
select is(
    (select count(distinct private.uuid_v7(now()))::integer from generate_series(1, 1000)),
    1000, 'ids of one moment differ'
);
select is(
    private.uuid_v7_floor('2026-11-24 08:00:00.123+00'),
    '01a20c91-a07b-0000-0000-000000000000'::uuid,
    'the smallest id of a millisecond has nothing but its time'
);
select ok(
    private.uuid_v7('2026-11-24 08:00:00.123+00')
    between private.uuid_v7_floor('2026-11-24 08:00:00.123+00')
    and private.uuid_v7_floor('2026-11-24 08:00:00.124+00'),
    'every id of a millisecond lies between its floor and the next'
);
select is(
    private.uuid_v7_time(private.uuid_v7_floor('1970-01-01 00:00:00.001+00')),
    '1970-01-01 00:00:00.001+00'::timestamptz, 'the first days of time are no exception'
);

select tests.note('video', tests.video('ada'));
select is(
    private.oldest_visible_at(), now() - interval '14 days',
    'what is older than the retention is not visible'
);
select is(
    private.oldest_visible_id(), private.uuid_v7_floor(now() - interval '14 days'),
    'nor what has an older id'
);

select * from finish();
rollback;
