-- The feed: newest first, page by page, with exact counts and the owner's card.

begin;
select plan(19);

select tests.person('ada', 'ada');
select tests.note('new', tests.video('ada', interval '1 minute', title => 'new'));
select tests.note('middle', tests.video('bob', interval '2 minutes', title => 'middle'));
select tests.note('old', tests.video('ada', interval '3 days', title => 'old'));

select tests.as_anonymous();
select results_eq(
    'select title from public.feed()', $$values ('new'), ('middle'), ('old')$$,
    'the newest video comes first'
);
select results_eq(
    'select title from public.feed(page_size => 2)', $$values ('new'), ('middle')$$,
    'a page has as many rows as asked for'
);
select results_eq(
    $$select title from public.feed(before => tests.id('middle'))$$,
    $$values ('old')$$,
    'the next page begins after the last video of the one before'
);
select is_empty(
    $$select from public.feed(before => tests.id('old'))$$, 'the last page is followed by none'
);
select throws_ok(
    format('select public.feed(page_size => %s)', n), 'PT400', 'page_size_invalid',
    format('a page of %s rows is refused', n)
)
from unnest(array['0', '-1', 'null']) as n;

select is(
    (select users::text from public.get_video(tests.id('new'))),
    '{"username" : "ada", "avatar" : null, "verified" : false}',
    'a video comes with its owner''s card'
);
select is(
    (select users ->> 'username' from public.get_video(tests.id('middle'))),
    'Unknown', 'a person without a username is Unknown'
);
select is(
    (select liked_by_me from public.get_video(tests.id('new'))), false,
    'a stranger likes nothing'
);
select ok(
    (
        select expires_at between created_at + interval '14 days' - interval '1 millisecond'
            and created_at + interval '14 days'
        from public.get_video(tests.id('old'))
    ),
    'a video says when it expires'
);
select throws_ok(
    'select public.get_video(gen_random_uuid())', 'PT404', 'video_not_found',
    'a video that never was is not found'
);
select throws_ok(
    'select public.get_video(null)', 'PT404', 'video_not_found', 'nor is none at all'
);

-- What the routes answer.
select results_eq(
    $$select key from json_object_keys(
        (select private.video_as_json(f) from public.feed(page_size => 1) as f)
    ) as key$$,
    array[
        'id', 'title', 'description', 'video_url', 'thumbnail_url', 'views_count',
        'likes_count', 'comments_count', 'created_at', 'user_id', 'users',
        'liked_by_me', 'expires_at'
    ],
    'the object of the routes has the fields of the contract'
);
select matches(
    (
        select private.video_as_json(f) ->> 'created_at'
        from public.feed(page_size => 1) as f
    ),
    '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$', 'its times are in UTC and say so'
);
set local timezone = 'Asia/Tokyo';
select is(
    private.utc_text('2026-11-24 08:00:00.123456+00'), '2026-11-24T08:00:00.123Z',
    'in whatever zone the session is'
);

-- More than a page.
select tests.as_owner();
select tests.video('carol', n * interval '1 second') from generate_series(1, 60) as n;
select tests.as_anonymous();
select is(
    (select count(*)::integer from public.feed(page_size => 51)), 50,
    'more than 50 rows are 50'
);
select is(
    (select count(*)::integer from public.feed()), 10, 'unasked, a page has 10 rows'
);
select is(
    (
        with recursive pages as (
            select array_agg(f.id) as ids
            from public.feed(page_size => 25) as f
            union all
            select n.ids
            from pages as p
            cross join lateral (
                select array_agg(f.id) as ids
                from public.feed(p.ids[array_upper(p.ids, 1)], 25) as f
            ) as n
            where cardinality(p.ids) = 25
        )

        select count(distinct u.id)::integer || '/' || count(u.id)
        from pages as p cross join unnest(p.ids) as u (id)
    ),
    '63/63', 'paging meets every video once'
);

select * from finish();
rollback;
