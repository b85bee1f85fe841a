-- Lists beside the feed: one person's videos, and what the caller likes.

begin;
select plan(17);

select tests.note('old', tests.video('ada', interval '3 days', title => 'old'));
select tests.note('bobs', tests.video('bob', interval '2 days', title => 'bobs'));
select tests.note('new', tests.video('ada', interval '1 day', title => 'new'));
select tests.note('hidden', tests.video('ada', title => 'hidden'));
insert into public.video_likes (video_id, user_id, created_at)
select
    tests.id(name),
    'carol',
    now() - age
from (
    values ('old', interval '1 minute'), ('bobs', '3 minutes'), ('new', '2 minutes'),
    ('hidden', '4 minutes')
) as liked (name, age);
insert into public.video_likes (video_id, user_id) values (tests.id('new'), 'dora');
update public.videos set hidden_at = now() where id = tests.id('hidden');

select tests.as_anonymous();
select results_eq(
    $$select title from public.user_videos('ada')$$, $$values ('new'), ('old')$$,
    'a person''s visible videos come newest first'
);
select results_eq(
    $$select title from public.user_videos('ada', page_size => 1)$$, $$values ('new')$$,
    'a page has as many as asked for'
);
select results_eq(
    $$select title from public.user_videos('ada', tests.id('new'))$$, $$values ('old')$$,
    'the next page begins after the last video of the one before'
);
select is_empty(
    format('select from public.user_videos(%L)', nobody),
    format('%L has no videos', nobody)
)
from unnest(array['carol', 'unknown', '', null]) as nobody;
select throws_ok(
    $$select public.user_videos('ada', page_size => 0)$$, 'PT400', 'page_size_invalid',
    'a page of no rows is refused'
);
select throws_ok(
    'select public.my_likes()', '42501', null, 'strangers like nothing'
);

select tests.speak('authenticated', '{"role": "authenticated"}');
select throws_ok(
    'select public.my_likes()', 'PT401', 'sign_in_required',
    'nor does a token without a person'
);

select tests.sign_in('carol');
select results_eq(
    'select title, liked_by_me from public.my_likes()',
    $$values ('new', true), ('bobs', true), ('old', true)$$,
    'what one likes comes by the video''s time, without what is hidden'
);
select results_eq(
    'select title from public.my_likes(tests.id(''new''), 1)', $$values ('bobs')$$,
    'the next page begins after the last video of the one before'
);
select lives_ok(
    'select public.like_video(tests.id(''new''), false)', 'a like can be taken back'
);
select results_eq(
    'select title from public.my_likes(tests.id(''new''), 1)', $$values ('bobs')$$,
    'and its video is still a cursor'
);
select throws_ok(
    'select public.my_likes(page_size => 0)', 'PT400', 'page_size_invalid',
    'a page of no rows is refused here too'
);

select tests.as_owner();
select tests.block('ada', 'carol');
select tests.sign_in('carol');
select is_empty(
    $$select from public.user_videos('ada')$$,
    'a person who blocked the caller has no videos for him'
);
select results_eq(
    'select title from public.my_likes()', $$values ('bobs')$$,
    'nor does he like them any more'
);

select * from finish();
rollback;
