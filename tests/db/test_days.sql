-- The leaves of likes and viewers: one a UTC day, made ahead, found by the ids' time.

begin;
select plan(20);

select ok(private.ensure_day('2031-05-01'), 'a day is made');
select ok(private.ensure_day('2031-05-01'), 'making it again is fine');
select set_eq(
    $$select c.oid::regclass::text
      from pg_class as c where c.relname ~ '^video_(likes|viewers)_20310501$'$$,
    array['partitions.video_likes_20310501', 'partitions.video_viewers_20310501'],
    'it has a leaf for likes and one for viewers'
);
select results_eq(
    format(
        'select relrowsecurity, relacl is null or not exists ('
        'select from aclexplode(relacl) as a where a.grantee <> relowner), '
        'obj_description(oid) from pg_class where oid = %L::regclass',
        'partitions.video_likes_20310501'
    ),
    $$values (true, true,
        'The rows of public.video_likes for videos of 2031-05-01 (UTC).')$$,
    'a leaf has row level security, no grants and a comment'
);
select is(
    pg_get_expr(c.relpartbound, c.oid),
    format(
        'FOR VALUES FROM (%L) TO (%L)',
        private.uuid_v7_floor('2031-05-01 00:00+00'),
        private.uuid_v7_floor('2031-05-02 00:00+00')
    ),
    'it takes the ids of its day, to the millisecond'
)
from pg_class as c
where c.oid = 'partitions.video_likes_20310501'::regclass;
select is_empty(
    $$select from pg_constraint as c
      where c.conrelid = 'partitions.video_likes_20310501'::regclass
          and c.conname = 'bound'$$,
    'the check that spared the scan is gone'
);
select is(
    (
        select count(*)::integer from pg_constraint as c
        where c.conrelid = 'partitions.video_likes_20310501'::regclass
            and c.contype = 'f' and c.confdeltype = 'c'
    ),
    1, 'likes of the day go with their video'
);

-- Half a day, as after a crash between two leaves, is completed.
drop table partitions.video_viewers_20310501;
select ok(private.ensure_day('2031-05-01'), 'half a day is completed');
select isnt(
    to_regclass('partitions.video_viewers_20310501'), null, 'the missing leaf is there'
);

select is(private.ensure_days(), 0, 'the job makes what is missing');
select is_empty(
    $$select d.day from generate_series(
          (now() - interval '14 days') at time zone 'utc',
          (now() + interval '7 days') at time zone 'utc', interval '1 day') as d (day)
      where to_regclass('partitions.video_likes_' || to_char(d.day, 'YYYYMMDD')) is null
          or to_regclass('partitions.video_viewers_' || to_char(d.day, 'YYYYMMDD'))
              is null$$,
    'every visible day and the next seven have leaves'
);
select is_empty(
    $$select d.day from generate_series(
          (now() at time zone 'utc')::date, (now() at time zone 'utc')::date + 7,
          interval '1 day') as d (day)
      where not exists (select from private.daily_salts as s where s.day = d.day::date)$$,
    'and a salt for hashing addresses'
);
insert into private.daily_salts (day, salt)
select (now() at time zone 'utc')::date - n, decode(repeat('00', 32), 'hex')
from generate_series(1, 3) as n
on conflict do nothing;
select private.ensure_days();
select is(
    (select min(day) from private.daily_salts), (now() at time zone 'utc')::date - 1,
    'salts are forgotten after a day, and with them the addresses'
);

select is(
    private.day_leaves('2031-05-01')::text[],
    array['partitions.video_likes_20310501', 'partitions.video_viewers_20310501'],
    'a day has two leaves'
);
select ok(private.drop_leaf('partitions.video_likes_20310501'), 'one is dropped');
select is(
    to_regclass('partitions.video_likes_20310501'), null, 'and gone'
);
select is(
    private.day_leaves('2031-05-01')::text[],
    array['partitions.video_viewers_20310501'], 'and the other stays'
);

select throws_ok(
    $$insert into public.video_likes (video_id, user_id)
      values (private.uuid_v7('2031-05-01'), 'bob')$$,
    '23514', null, 'a like of a day without leaves is refused'
);
select tests.sign_in('ada');
select throws_ok(
    $$select private.ensure_day('2031-05-01')$$, '42501', null, 'no client makes a day'
);
select throws_ok(
    'select * from partitions.video_likes_' || to_char(now(), 'YYYYMMDD'),
    '42501', null, 'no client reads a leaf past its parent'
);

select * from finish();
rollback;
