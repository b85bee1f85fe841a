-- What cannot be sent fails nothing: without a partition, without the right, and without
-- anything to send with.

begin;
select plan(6);

select tests.note('video', tests.video('ada'));
drop table realtime.messages_default;
set local client_min_messages = error;
select tests.sign_in('bob');
select is(
    tests.outcome('select public.like_video(tests.id(''video''))'), '1 row',
    'without a partition a like is a like'
);
reset role;
revoke usage on schema realtime from postgres;
select tests.sign_in('bob');
select is(
    tests.outcome('select public.like_video(tests.id(''video''))'), '1 row',
    'without the right to send too'
);
reset role;
drop schema realtime cascade;
select tests.sign_in('bob');
select is(
    tests.outcome('select public.like_video(tests.id(''video''))'), '1 row',
    'and where there is nothing to send with'
);
select tests.as_owner();
insert into public.video_likes (video_id, user_id) values (tests.id('video'), 'dan');
select lives_ok('select private.fold_pending()', 'the job folds there');
select is_empty('select from private.video_deltas', 'and leaves nothing behind');
select lives_ok('select private.announce_removals()', 'and comes to an end');

select * from finish();
rollback;
