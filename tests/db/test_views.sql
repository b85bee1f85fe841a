-- A view counts once per viewer, video and half hour; the owner's own never.

begin;
select plan(17);

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
update private.video_viewers set viewed_from = viewed_from - interval '30 minutes';
select tests.sign_in('bob');
select ok(
    public.record_view(tests.id('video')), 'in the next half hour a person counts again'
);

select tests.as_owner();
delete from private.daily_salts where day >= now() at time zone 'utc' - interval '1 day';
select tests.as_anonymous('203.0.113.9');
select ok(
    public.record_view(tests.id('video')),
    'without a salt a stranger goes into the shared bucket, and nothing fails'
);

select * from finish();
rollback;
