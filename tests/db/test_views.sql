-- A view counts once per viewer, video and half hour; the owner's own never.

begin;
select plan(31);

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('ada', interval '1 hour'));
select private.ensure_days();

create function views_of(name text) returns bigint language sql as $$
    select f.views_count from public.video_feed as f where f.id = tests.id(name)
$$;

select tests.sign_in('bob');
select ok(public.record_view(tests.id('video')), 'the first view counts');
select ok(not public.record_view(tests.id('video')), 'the same person''s next does not');
select is(views_of('video'), 1::bigint, 'the feed shows it at once');
select ok(public.record_view(tests.id('other')), 'another video counts on its own');

select tests.sign_in('carol');
select ok(public.record_view(tests.id('video')), 'another person counts');
select is(views_of('video'), 2::bigint, 'two people, two views');

select tests.sign_in('ada');
select ok(not public.record_view(tests.id('video')), 'the owner''s own never counts');

select tests.as_anonymous('203.0.113.7');
select ok(public.record_view(tests.id('video')), 'a stranger counts by his address');
select ok(
    not public.record_view(tests.id('video')), 'a second one from there does not'
);
select tests.as_anonymous('203.0.113.8');
select ok(public.record_view(tests.id('video')), 'one from elsewhere does');

select tests.as_anonymous();
select ok(
    public.record_view(tests.id('video')), 'strangers without an address count as one'
);
select ok(not public.record_view(tests.id('video')), 'however many they are');
select is(views_of('video'), 5::bigint, 'no view is lost or counted twice');

select tests.as_owner();
select is_empty(
    $$select from private.video_viewers where viewer_key ~ '203\.0'$$,
    'no address is stored'
);
select results_eq(
    $$select distinct viewed_from, count(*) from private.video_viewers
      where video_id = tests.id('video') group by viewed_from$$,
    $$values (date_bin('30 minutes', now(), 'epoch'), 5::bigint)$$,
    'viewers are noted by the half hour'
);
select ok(
    bool_and(
        viewed_from <= now()
        and viewed_from > now() - interval '30 minutes'
        and extract(minute from viewed_from) in (0, 30)
        and extract(second from viewed_from) = 0
    ), 'which begins at :00 or :30, and in which now lies'
)
from private.video_viewers;
update private.video_viewers set viewed_from = viewed_from - interval '30 minutes'
where video_id = tests.id('video');
select tests.sign_in('bob');
select ok(
    public.record_view(tests.id('video')), 'in the next half hour a person counts again'
);
select ok(
    not public.record_view(tests.id('video')), 'once'
);
select ok(
    not public.record_view(tests.id('other')),
    'where his view was of this half hour, he does not'
);

-- Midnight: a stranger is another one under the next day's salt.
select tests.as_anonymous('203.0.113.7');
select public.record_view(tests.id('video'));
select tests.as_owner();
create function pg_temp.change_salt(days integer) returns void language sql as $$
    update private.daily_salts set salt = decode(repeat('cd', 32), 'hex')
    where day = (now() at time zone 'utc')::date + days
$$;
insert into private.daily_salts (day, salt)
values ((now() at time zone 'utc')::date - 1, decode(repeat('ab', 32), 'hex'))
on conflict do nothing;
select pg_temp.change_salt(-1), pg_temp.change_salt(1);
select tests.as_anonymous('203.0.113.7');
select ok(
    not public.record_view(tests.id('video')),
    'the salts of yesterday and tomorrow change nothing'
);
select tests.as_owner();
select pg_temp.change_salt(0);
select tests.as_anonymous('203.0.113.7');
select ok(
    public.record_view(tests.id('video')), 'with the day''s salt a stranger changes'
);
select tests.sign_in('bob');
select ok(
    not public.record_view(tests.id('video')), 'and a signed-in person does not'
);

-- What nobody sees, nobody views.
select tests.as_owner();
select tests.note('hidden', tests.video('ada'));
select tests.note('deleted', tests.video('ada'));
select tests.note('expired', tests.video('ada', interval '14 days'));
select tests.note('unknown', gen_random_uuid());
select tests.note('blocked', tests.video('carol'));
select tests.block('carol', 'bob');
update public.videos set hidden_at = now() where id = tests.id('hidden');
update public.videos set deleted_at = now() where id = tests.id('deleted');
select tests.sign_in('bob');
select throws_ok(
    format('select public.record_view(%L)', tests.id(n)),
    'PT404', 'video_not_found', format('a view of what is %s is refused', n)
)
from unnest(array['hidden', 'deleted', 'expired', 'unknown', 'blocked']) as n;
select tests.sign_in('ada');
select throws_ok(
    $$select public.record_view(tests.id('expired'))$$, 'PT410', 'video_expired',
    'its owner is told that it has expired'
);
select tests.as_owner();
select is_empty(
    $$select from private.video_viewers
      where video_id not in (tests.id('video'), tests.id('other'))$$,
    'and leaves nothing behind'
);
select is_empty(
    $$select from private.video_deltas
      where video_id not in (tests.id('video'), tests.id('other'))$$,
    'nor counts'
);

delete from private.daily_salts where day >= now() at time zone 'utc' - interval '1 day';
select tests.as_anonymous('203.0.113.9');
select ok(
    public.record_view(tests.id('video')),
    'without a salt a stranger goes into the shared bucket, and nothing fails'
);

select * from finish();
rollback;
