-- What trends: ranked once a minute by reactions and age, read page by page in the
-- ranking one began with.

begin;
select plan(34);

-- The score.
select is(
    private.trending_score(0, 0, 0, '0') * power(2::float8, 1.5), 1::float8,
    'a new video has a score of its own'
);
select is(
    private.trending_score(9, 0, 0, '0') * power(2::float8, 1.5), 10::float8,
    'a view counts once'
);
select is(
    private.trending_score(0, 9, 0, '0') * power(2::float8, 1.5), 37::float8,
    'a like counts as four views'
);
select is(
    private.trending_score(0, 0, 9, '0') * power(2::float8, 1.5), 73::float8,
    'a comment counts as eight views'
);
select is(
    private.trending_score(0, 0, 0, '6 hours') * power(8::float8, 1.5), 1::float8,
    'with age it decays'
);
select is(
    private.trending_score(0, 0, 0, '-1 hour'), private.trending_score(0, 0, 0, '0'),
    'a clock that goes back does no harm'
);

-- Nothing is there yet.
select tests.as_anonymous();
select is_empty('select from public.trending_feed()', 'without a ranking nothing trends');
select tests.as_owner();
select is(private.refresh_trending(), 0, 'without videos there is no ranking');

select tests.note('viewed', tests.video('ada', interval '1 hour', title => 'viewed'));
select tests.note('liked', tests.video('bob', interval '1 hour', title => 'liked'));
select tests.note('said', tests.video('ada', interval '1 hour', title => 'said'));
select tests.note('ten days', tests.video('ada', interval '10 days', title => 'ten days'));
select tests.note('hidden', tests.video('ada', title => 'hidden'));
select tests.note('deleted', tests.video('ada', title => 'deleted'));
select tests.note('expired', tests.video('ada', interval '15 days', title => 'expired'));
select tests.as_owner();
update public.videos set views_count = 50 where id = tests.id('viewed');
update public.videos set likes_count = 50 where id = tests.id('liked');
update public.videos set comments_count = 50 where id = tests.id('said');
update public.videos set hidden_at = now() where id = tests.id('hidden');
update public.videos set deleted_at = now() where id = tests.id('deleted');

select is(private.refresh_trending(), 4, 'the ranking has all visible videos');
select is(private.refresh_trending(), 0, 'a minute has one ranking');
select is(
    (select array_agg(distinct video_id) from private.trending)
    && array[tests.id('hidden'), tests.id('deleted'), tests.id('expired')],
    false, 'what nobody sees is not ranked'
);

select tests.as_anonymous();
select results_eq(
    'select title, rank from public.trending_feed()',
    $$values ('said', 1), ('liked', 2), ('viewed', 3), ('ten days', 4)$$,
    'comments weigh more than likes, likes more than views; old videos are there too'
);
select results_eq(
    'select title, cursor from public.trending_videos order by rank',
    'select title, cursor from public.trending_feed()',
    'the view shows the same'
);
select is(
    (
        select array_agg(a.attname order by a.attnum)
        from pg_attribute as a
        where a.attrelid = 'public.trending_videos'::regclass and a.attnum > 0
    ),
    (
        select array_agg(a.attname order by a.attnum) || array['cursor', 'rank']::name[]
        from pg_attribute as a
        where a.attrelid = 'public.video_feed'::regclass and a.attnum > 0
    ),
    'its columns are those of video_feed, then cursor and rank'
);
select is(
    (
        select private.video_as_json(t)::text
        from public.trending_feed(page_size => 1) as t
    ),
    (select private.video_as_json(f)::text from public.get_video(tests.id('said')) as f),
    'the routes answer it as any video'
);
select results_eq(
    $$select title from public.trending_feed(
        (select min(cursor) from public.trending_feed(page_size => 1))
    )$$,
    $$values ('liked'), ('viewed'), ('ten days')$$,
    'the next page begins after the cursor'
);
select is_empty(
    $$select from public.trending_feed(
        (select max(cursor) from public.trending_feed())
    )$$,
    'the last page is followed by none'
);

-- A minute later everything is different; who pages does not notice.
select tests.as_owner();
update private.trending set epoch = epoch - 1 where true;
select set_config(
    'tests.page_1', (select max(cursor) from public.trending_feed(page_size => 2)), true
);
select tests.note('new', tests.video('carol', title => 'new'));
select tests.as_owner();
update public.videos set views_count = 100000 where id = tests.id('viewed');
update public.videos set views_count = 200000 where id = tests.id('ten days');
select is(private.refresh_trending(), 5, 'the next minute has its own ranking');

select tests.as_anonymous();
select results_eq(
    'select title from public.trending_feed()',
    $$values ('viewed'), ('said'), ('ten days'), ('liked'), ('new')$$,
    'whoever begins now gets the new one'
);
select results_eq(
    $$select title from public.trending_feed(current_setting('tests.page_1'))$$,
    $$values ('viewed'), ('ten days')$$,
    'whoever began before goes on in his'
);
select ok(
    (
        select bool_and(split_part(cursor, '.', 1) = split_part(
            current_setting('tests.page_1'), '.', 1
        ))
        from public.trending_feed(current_setting('tests.page_1'))
    ),
    'and stays in it'
);

-- What the caller may not see is passed by, and the page is full.
select tests.as_owner();
update public.videos set hidden_at = now() where id = tests.id('said');
select tests.block('dora', 'bob');
select tests.sign_in('dora');
select results_eq(
    'select title, rank from public.trending_feed(page_size => 3)',
    $$values ('viewed', 1), ('ten days', 3), ('new', 5)$$,
    'what is hidden or blocked leaves no gap in a page'
);
select is(
    tests.outcome(format('select public.like_video(%L)', tests.id('viewed'))), '1 row',
    'what trends can be liked'
);
select public.like_video(tests.id('viewed'));
select is(
    (select liked_by_me from public.trending_feed(page_size => 1)), true,
    'and it says what the caller likes'
);

-- Cursors.
select throws_ok(
    format('select public.trending_feed(%L)', given), 'PT400', 'cursor_invalid',
    format('%L is no cursor', given)
)
from unnest(
    array['', 'x', '1', '1.', '.1', '1.2.3', '-1.1', '1.9999999999', e'1.1\n']
) as given;

select tests.as_owner();
insert into private.trending (epoch, rank, video_id, score)
select
    floor(extract(epoch from now()) / 60) - age,
    1,
    tests.id('viewed'),
    1
from unnest(array[60, 61]) as age;
delete from private.trending where epoch = floor(extract(epoch from now()) / 60);
select private.refresh_trending();
select throws_ok(
    format(
        'select public.trending_feed(%L)',
        floor(extract(epoch from now()) / 60) - 61 || '.1'
    ),
    'PT410', 'cursor_expired', 'after an hour a ranking is forgotten'
);

select * from finish();
rollback;
