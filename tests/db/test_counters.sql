-- Counting appends, folding adds up: the count readers see never changes by folding.

begin;
select plan(29);

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('ada', interval '1 hour'));
select tests.note('gone', tests.video('ada', interval '2 hours'));

create function counts(name text) returns text language sql as $$
    select concat_ws('/', f.views_count, f.likes_count, f.comments_count)
    from public.video_feed as f where f.id = tests.id(name)
$$;
create function base(name text) returns text language sql as $$
    select concat_ws('/', v.views_count, v.likes_count, v.comments_count)
    from public.videos as v where v.id = tests.id(name)
$$;

-- By the seed's functions, without folding by chance.
insert into private.video_deltas (video_id, views, likes, comments)
values (tests.id('video'), 2, 1, 0), (tests.id('video'), 1, 0, 3);
select is(counts('video'), '3/1/3', 'readers add base and pending');
select is(base('video'), '0/0/0', 'the base has nothing of it yet');
select ok(private.fold_video(tests.id('video')), 'folding says that it added something');
select is(counts('video'), '3/1/3', 'folding changes no count');
select is(base('video'), '3/1/3', 'it moves what was pending into the base');
select results_eq(
    $$select d.views, d.likes, d.comments from private.video_deltas as d
      where d.video_id = tests.id('video')$$,
    'values (0, 0, 0)',
    'and leaves nothing pending but a mark for the job, which has still to tell'
);
select ok(not private.fold_video(tests.id('video')), 'folding nothing says so');
select is(
    (select count(*) from private.video_deltas where video_id = tests.id('video')),
    1::bigint, 'and keeps the mark'
);
select ok(
    not private.fold_video(gen_random_uuid()), 'folding a video that never was says so'
);

select private.increment_video_views(tests.id('video'));
select private.increment_video_likes(tests.id('video'), 5);
select private.decrement_video_likes(tests.id('video'), 2);
select private.increment_video_comments(tests.id('video'));
select private.decrement_video_comments(tests.id('video'));
select is(counts('video'), '4/4/3', 'the counter functions count up and down');

-- Enough calls that some of them fold: one in 32 does.
do $$
begin
    for v_call in 1..500 loop
        perform private.increment_video_views(tests.id('video'));
    end loop;
end
$$;
select is(counts('video'), '504/4/3', 'however often a call happens to fold');
select ok(
    (select views_count from public.videos where id = tests.id('video')) > 4,
    'some of 500 calls have folded'
);

-- Statements that touch many rows of many videos.
insert into public.video_likes (video_id, user_id)
select v.id, 'fan ' || n
from public.videos as v cross join generate_series(1, 40) as n;
select is(counts('video'), '504/44/3', 'a bulk insert counts every like');
select is(counts('other'), '0/40/0', 'on every video');
delete from public.video_likes where user_id like 'fan 1%';
select is(counts('other'), '0/29/0', 'a bulk delete counts them off');

insert into private.video_deltas (video_id, likes) values (gen_random_uuid(), 1);
update public.videos set deleted_at = now() where id = tests.id('gone');
delete from public.videos where id = tests.id('gone');
select is(private.fold_pending(), 0, 'the job folds what is pending to its end');
select is_empty('select from private.video_deltas', 'and discards what has no video');
select is(base('other'), '0/29/0', 'every base is exact afterwards');
select is(private.fold_pending(), 0, 'then there is nothing left to fold');
select is(base('other'), '0/29/0', 'and nothing is added twice');

-- A counter that has drifted below what is taken off harms nobody else.
select tests.note('newer', tests.video('ada'));
insert into private.video_deltas (video_id, views, likes, comments)
values (tests.id('other'), -1, -30, -1), (tests.id('newer'), 1, 2, 3);
select private.fold_pending();
select is(base('other'), '0/0/0', 'what would fall below 0 stays there');
select is(base('newer'), '1/2/3', 'and the others are folded');
insert into private.video_deltas (video_id, views, likes, comments)
values (tests.id('other'), -1, -1, -1);
select ok(private.fold_video(tests.id('other')), 'folding one video holds to that too');

select lives_ok(
    $$select private.increment_video_views(gen_random_uuid())$$,
    'counting on a video that is gone is no error'
);
select is_empty(
    'select from private.video_deltas where video_id <> tests.id(''other'')',
    'and leaves nothing behind'
);

select tests.sign_in('ada');
select is(
    tests.outcome(format('select private.%s(tests.id(''video''))', f)), '42501',
    format('no client calls %s()', f)
)
from unnest(array[
    'increment_video_views', 'increment_video_likes', 'decrement_video_likes',
    'increment_video_comments'
]) as f;

select * from finish();
rollback;
