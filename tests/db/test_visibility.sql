-- A video is seen while it is younger than the retention by its id and by its date,
-- not hidden, not deleted, and nobody blocked anybody. Through every door the same.

begin;
select plan(28);

select tests.note('seen', tests.video('ada'));
select tests.note('young', tests.video('ada', interval '14 days -2 seconds'));
select tests.note('old', tests.video('ada', interval '14 days 2 seconds'));
select tests.note('aged', tests.video(
    'ada', interval '14 days 2 seconds', id_age => interval '1 hour'
));
select tests.note('aged young', tests.video(
    'ada', interval '14 days -2 seconds', id_age => interval '1 hour'
));
-- The id alone is too old: a date may lie a second after it, and not more.
select tests.note('old by id', tests.video(
    'ada', interval '14 days -0.4 seconds', id_age => interval '14 days 0.4 seconds'
));
select tests.note('hidden', tests.video('ada', interval '1 minute'));
select tests.note('deleted', tests.video('ada', interval '2 minutes'));
select tests.note('by the blocked', tests.video('mallory', interval '3 minutes'));
select tests.note('by the blocker', tests.video('olivia', interval '4 minutes'));

-- bob left a like and a comment on each of them while he could.
insert into public.video_likes (video_id, user_id)
select id, 'bob' from public.videos;
select tests.comment(id, 'bob') from public.videos;

-- All of them trended.
insert into private.trending (epoch, rank, video_id, score)
select 1, row_number() over (order by v.id), v.id, 1 from public.videos as v;

update public.videos set hidden_at = now() where id = tests.id('hidden');
update public.videos set deleted_at = now() where id = tests.id('deleted');
select tests.block('bob', 'mallory');
select tests.block('olivia', 'bob');

create temporary table invisible (name text);
insert into invisible values
('old'), ('old by id'), ('aged'), ('hidden'), ('deleted'), ('by the blocked'), ('by the blocker');
grant select on invisible to public;

select tests.sign_in('bob');
select results_eq(
    $$select t.* from tests.tried(tests.id('seen')) as t
      where t.door not in ('unlike all', 'uncomment all', 'update all')$$,
    $$values
      ('videos', '1 row'),
      ('video_feed', '1 row'),
      ('feed', '1 row'),
      ('user_videos', '1 row'),
      ('my_likes', '1 row'),
      ('trending_videos', '1 row'),
      ('trending_feed', '1 row'),
      ('get_video', '1 row'),
      ('video_comments', '1 row'),
      ('video_comment_feed', '1 row'),
      ('video_comments_page', '1 row'),
      ('video_likes', '1 row'),
      ('like', '0 rows'),
      ('unlike', '1 row'),
      ('like_video', '1 row'),
      ('like_video off', '1 row'),
      ('like_video toggle', '1 row'),
      ('comment', '1 row'),
      ('uncomment', '1 row'),
      ('add_video_comment', '1 row'),
      ('delete_video_comment', '1 row'),
      ('update', '0 rows'),
      ('update_video', 'PT404 video_not_found'),
      ('delete_video', 'PT404 video_not_found'),
      ('record_view', '1 row'),
      ('report_video', '1 row'),
      ('listen', '1 row')$$,
    'a visible video of another person opens the doors it should'
);
select is_empty(
    format(
        $$select door, outcome from tests.tried(tests.id(%L))
          where outcome not in ('0 rows', 'PT404 video_not_found')
            and door not in ('unlike all', 'uncomment all')$$,
        i.name
    ),
    format('no door leads a signed-in person to a video that is %s', i.name)
)
from invisible as i;

select set_eq(
    $$select name from unnest(array['young', 'aged young', 'old', 'aged', 'old by id']) as name
      inner join public.video_feed as f on tests.id(name) = f.id$$,
    array['young', 'aged young'],
    'two seconds before 14 days a video is seen, two seconds after it is not'
);
select is(
    tests.outcome('delete from public.video_likes'), '3 rows',
    'a bare delete reaches the likes of visible videos alone'
);
select is(
    tests.outcome('delete from public.video_comments'), '3 rows',
    'a bare delete reaches the comments on visible videos alone'
);

select tests.as_anonymous();
select is_empty(
    format(
        $$select door, outcome from tests.tried(tests.id(%L))
          where outcome not in ('0 rows', '42501', 'PT404 video_not_found')$$,
        i.name
    ),
    format('no door leads a stranger to a video that is %s', i.name)
)
from invisible as i
where i.name !~ 'block';
select results_eq(
    $$select t.* from tests.tried(tests.id('seen')) as t where t.outcome <> '42501'$$,
    $$values
      ('videos', '1 row'),
      ('video_feed', '1 row'),
      ('feed', '1 row'),
      ('user_videos', '1 row'),
      ('trending_videos', '1 row'),
      ('trending_feed', '1 row'),
      ('get_video', '1 row'),
      ('video_comments', '1 row'),
      ('video_comment_feed', '1 row'),
      ('video_comments_page', '1 row'),
      ('video_likes', '0 rows'),
      ('record_view', '1 row'),
      ('listen', '1 row')$$,
    'without a token one may read, view and listen, and nothing else'
);

select tests.sign_in('ada');
select is(
    tests.outcome(format('select public.get_video(%L)', tests.id(name))),
    expected,
    format('to its owner a video that is %s answers %s', name, expected)
)
from (
    values
    ('old', 'PT410 video_expired'),
    ('aged', 'PT410 video_expired'),
    ('old by id', 'PT410 video_expired'),
    ('hidden', 'PT404 video_not_found'),
    ('deleted', 'PT404 video_not_found')
) as own (name, expected);
-- To bare statements expired videos are not there; functions and triggers tell their owner
-- that they were.
select results_eq(
    format(
        $$select t.* from tests.tried(tests.id(%L)) as t
          where t.door not in ('unlike all', 'uncomment all', 'update all')$$, name
    ),
    $$values
      ('videos', '0 rows'),
      ('video_feed', '0 rows'),
      ('feed', '0 rows'),
      ('user_videos', '0 rows'),
      ('my_likes', '0 rows'),
      ('trending_videos', '0 rows'),
      ('trending_feed', '0 rows'),
      ('get_video', 'PT410 video_expired'),
      ('video_comments', '0 rows'),
      ('video_comment_feed', '0 rows'),
      ('video_comments_page', 'PT410 video_expired'),
      ('video_likes', '0 rows'),
      ('like', 'PT410 video_expired'),
      ('unlike', '0 rows'),
      ('like_video', 'PT410 video_expired'),
      ('like_video off', 'PT410 video_expired'),
      ('like_video toggle', 'PT410 video_expired'),
      ('comment', 'PT410 video_expired'),
      ('uncomment', '0 rows'),
      ('add_video_comment', 'PT410 video_expired'),
      ('delete_video_comment', 'PT410 video_expired'),
      ('update', '0 rows'),
      ('update_video', 'PT410 video_expired'),
      ('delete_video', 'PT410 video_expired'),
      ('record_view', 'PT410 video_expired'),
      ('report_video', 'PT410 video_expired'),
      ('listen', '0 rows')$$,
    format('at every door its owner finds that a video that is %s is over', name)
)
from unnest(array['old', 'old by id', 'aged']) as name;
select is(
    tests.outcome('update public.videos set title = ''mine'''), '3 rows',
    'a bare update reaches the owner''s visible videos alone'
);
select is(
    tests.outcome(format(
        'update public.videos set title = ''mine'' where id = %L', tests.id('hidden')
    )),
    '0 rows',
    'an owner cannot change what moderation has hidden'
);

select tests.as_owner();
select is(
    (select count(*)::integer from public.videos), 10,
    'an administrator in psql sees every row'
);

select * from finish();
rollback;
