-- One like a person and video, by plain insert or by like_video(); the count is exact
-- at once. A like is seen by who gave it and by the owner of the video.

begin;
select plan(33);

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('ada', interval '1 hour'));

create function likes_of(name text) returns bigint language sql as $$
    select f.likes_count from public.video_feed as f where f.id = tests.id(name)
$$;

select tests.sign_in('bob');
select lives_ok(
    $$insert into public.video_likes (video_id) values (tests.id('video'))$$,
    'a signed-in person likes a video with a plain insert'
);
select results_eq(
    $$select user_id from public.video_likes where video_id = tests.id('video')$$,
    $$values ('bob')$$,
    'the like is the caller''s'
);
select is(likes_of('video'), 1::bigint, 'the like counts at once');
select is(
    tests.outcome($$insert into public.video_likes (video_id)
        values (tests.id('video'))$$),
    '0 rows',
    'liking again by insert is silently nothing'
);
select is(
    tests.outcome($$insert into public.video_likes (video_id)
        values (tests.id('video')), (tests.id('other'))$$),
    '1 row',
    'among several likes only the new one is stored'
);
select results_eq(
    $$select liked, likes_count from public.like_video(tests.id('video'))$$,
    $$values (true, 1::bigint)$$,
    'liking again by like_video() changes nothing'
);
select results_eq(
    $$select liked, likes_count from public.like_video(tests.id('video'), false)$$,
    $$values (false, 0::bigint)$$,
    'unliking takes it back'
);
select results_eq(
    $$select liked, likes_count from public.like_video(tests.id('video'), false)$$,
    $$values (false, 0::bigint)$$,
    'unliking again changes nothing'
);
select results_eq(
    $$select liked, likes_count from public.like_video(tests.id('video'), null)$$,
    $$values (true, 1::bigint)$$,
    'null turns an unliked video into a liked one'
);
select results_eq(
    $$select liked, likes_count from public.like_video(tests.id('video'), null)$$,
    $$values (false, 0::bigint)$$,
    'and a liked one back'
);
select public.like_video(tests.id('video'));
select is(
    tests.outcome($$insert into public.video_likes (video_id)
        values (tests.id('video'))$$),
    '0 rows',
    'like_video() changes nothing for a plain insert after it'
);
select set_config('likes.meet_at_the_key', 'on', true);
select is(
    tests.outcome($$insert into public.video_likes (video_id)
        values (tests.id('video'))$$),
    '23505',
    'who has a second like meet at the key is refused by it'
);
select public.like_video(tests.id('video'), false);
select throws_ok(
    $$insert into public.video_likes (video_id, user_id)
      values (tests.id('video'), 'carol')$$,
    '42501', null, 'nobody likes in another person''s name'
);
select throws_ok(
    $$insert into public.video_likes (video_id, created_at)
      values (tests.id('video'), '2020-01-01')$$,
    '42501', null, 'nobody chooses the date of a like'
);
select throws_ok(
    $$update public.video_likes set video_id = tests.id('other')$$,
    '42501', null, 'a like cannot be moved to another video'
);
select throws_ok(
    $$select public.like_video(gen_random_uuid())$$,
    'PT404', 'video_not_found', 'a video that never was cannot be liked'
);
select is(
    private.has_day(private.uuid_v7(now() + interval '90 days')), false,
    'nothing is kept of a day that is far away'
);
select throws_ok(
    $$select public.like_video(private.uuid_v7(now() + interval '90 days'))$$,
    'PT404', 'video_not_found', 'nor one of a day that nobody has made'
);
select is(
    private.exact_likes(gen_random_uuid()), null, 'what is not there has no count'
);

select public.like_video(tests.id('other'));
select results_eq(
    $$select liked, likes_count from public.like_video(tests.id('video'), null)$$,
    $$values (true, 1::bigint)$$,
    'likes of other videos have no say in it'
);
select public.like_video(tests.id('video'), false);
select is(likes_of('other'), 1::bigint, 'and stay when one is taken back');
select public.like_video(tests.id('other'), false);

select lives_ok(
    $$select public.like_video(tests.id('video'))$$, 'bob likes the video'
);
select tests.sign_in('carol');
select public.like_video(tests.id('video'));
select results_eq(
    $$select user_id from public.video_likes$$, $$values ('carol')$$,
    'a person sees no like but her own on the videos of others'
);
select tests.sign_in('ada');
select results_eq(
    $$select user_id from public.video_likes order by 1$$,
    $$values ('bob'), ('carol')$$,
    'the owner of a video sees who likes it'
);
select is(
    (select liked_by_me from public.video_feed where id = tests.id('video')), false,
    'and that is not his own like'
);
select is(
    tests.outcome('delete from public.video_likes'), '0 rows',
    'nor may he take it back'
);
select tests.as_owner();
select tests.block('ada', 'bob');
select tests.sign_in('ada');
select results_eq(
    $$select user_id from public.video_likes$$, $$values ('carol')$$,
    'but for the likes of people he does not meet'
);
select tests.as_owner();
delete from public.user_blocks;
update public.videos set hidden_at = now() where id = tests.id('video');
select tests.sign_in('ada');
select is_empty(
    $$select from public.video_likes$$, 'nor on a video he cannot see himself'
);
select is(
    private.exact_likes(tests.id('video')), null, 'nor how many there are'
);
select tests.as_owner();
update public.videos set hidden_at = null where id = tests.id('video');
select tests.as_anonymous();
select is_empty($$select from public.video_likes$$, 'the anonymous see no likes');
select tests.sign_in('carol');
select results_eq(
    $$select liked_by_me, likes_count from public.video_feed
      where id = tests.id('video')$$,
    $$values (true, 2::bigint)$$,
    'the feed says whether the caller likes it, and counts everybody'
);
delete from public.video_likes;
select is(likes_of('video'), 1::bigint, 'a bare delete takes back no like of others');

select tests.as_service();
select throws_ok(
    $$select public.like_video(tests.id('video'))$$,
    'PT401', 'sign_in_required', 'the service key is no person and likes nothing'
);

select * from finish();
rollback;
