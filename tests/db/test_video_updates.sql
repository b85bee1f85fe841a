-- An owner changes title and description; every other column is the database's.

begin;
select plan(33);

select tests.note('video', tests.video('ada', title => 'before'));
select tests.note('other', tests.video('ada', interval '1 hour', 'untouched'));

select tests.sign_in('ada');
select lives_ok(
    $$update public.videos set title = 'after', description = 'told'
      where id = tests.id('video')$$,
    'an owner changes title and description directly'
);
select results_eq(
    $$select title, description from public.update_video(
        tests.id('video'), title => 'again')$$,
    $$values ('again', 'told')$$,
    'update_video() keeps what is null and gives the video'
);
select results_eq(
    $$select title, description from public.update_video(
        tests.id('video'), title => '')$$,
    $$values (null::text, 'told')$$,
    'update_video() clears what is empty'
);
select is(
    (select title from public.videos where id = tests.id('other')), 'untouched',
    'one''s other videos stay as they are'
);
select is(
    (select updated_at from public.videos where id = tests.id('video')), now(),
    'the date of the change is kept'
);
select throws_ok(
    $$select public.update_video(tests.id('video'), title => repeat('x', 201))$$,
    'PT400', 'title_too_long', 'update_video() obeys the limits of a title'
);

select tests.as_owner();
create temporary table forbidden_column as
select a.attname as name
from pg_attribute as a
where
    a.attrelid = 'public.videos'::regclass
    and a.attnum > 0
    and a.attname not in ('title', 'description');
grant select on forbidden_column to public;
select is(
    (select count(*)::integer from forbidden_column), 11,
    'every other column is tried below'
);

select tests.sign_in('ada');
select is(
    tests.outcome(format('update public.videos set %1$I = %1$I', c.name)), '42501',
    format('an owner cannot write %s', c.name)
)
from forbidden_column as c;
select is(
    tests.outcome(
        'insert into public.videos (title, video_url) values (''x'', ''https://x'')'
    ),
    '42501', 'nobody inserts a video'
);
select is(
    tests.outcome('delete from public.videos'), '42501',
    'nobody deletes a row of videos'
);

select tests.sign_in('bob');
select is(
    tests.outcome('update public.videos set title = ''mine'''), '0 rows',
    'another person''s update reaches nothing'
);
select throws_ok(
    $$select public.update_video(tests.id('video'), 'mine')$$,
    'PT404', 'video_not_found', 'to another person the video is not there to change'
);

select tests.as_anonymous();
select is(
    tests.outcome('update public.videos set title = ''mine'''), '42501',
    'without a token nothing is updated'
);
select is(
    tests.outcome('select public.update_video(tests.id(''video''), ''x'')'), '42501',
    'without a token update_video() is out of reach'
);

-- The last lines of defence, for whoever writes as the owner.
select tests.as_owner();
select throws_ok(
    $$update public.videos set created_at = created_at + interval '2 seconds'
      where id = tests.id('video')$$,
    '23514', null, 'nobody prolongs the life of a video'
);
select lives_ok(
    $$update public.videos set created_at = created_at - interval '1 day'
      where id = tests.id('video')$$,
    'an administrator ages a video'
);
select throws_ok(
    format('update public.videos set %I = -1 where id = tests.id(''video'')', c),
    '23514', null, format('%s never falls below 0', c)
)
from unnest(array['views_count', 'likes_count', 'comments_count']) as c;
select throws_ok(
    $$update public.videos set video_url = null$$, '23502', null,
    'a video has a URL'
);
select throws_ok(
    $$insert into public.videos (id, user_id, video_url)
      values (private.uuid_v7(), e'a\nb', 'https://x')$$,
    '23514', null, 'an owner''s id is printable'
);
select lives_ok(
    $$insert into public.videos (id, user_id, video_url)
      values (private.uuid_v7(), 'newcomer', 'https://x')$$,
    'a video brings its owner a profile'
);
select is(
    (
        select users ->> 'username' from public.video_feed
        where user_id = 'newcomer'
    ),
    'Unknown', 'and he is shown as Unknown'
);

select * from finish();
rollback;
