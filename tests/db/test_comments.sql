-- People comment on what they can see; the writer and the video's owner delete.

begin;
select plan(20);

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('carol', interval '1 hour'));

select tests.sign_in('bob');
select lives_ok(
    $$insert into public.video_comments (video_id, text)
      values (tests.id('video'), 'first')$$,
    'a signed-in person comments with a plain insert'
);
select results_eq(
    $$select user_id, text, private.uuid_v7_time(id) > now() - interval '1 minute'
      from public.video_comments$$,
    $$values ('bob', 'first', true)$$,
    'the comment is the caller''s, and its id is made by the database'
);
select results_eq(
    $$select text, user_id, "user" ->> 'username', video_id
      from public.add_video_comment(tests.id('video'), 'second')$$,
    $$values ('second', 'bob', 'Unknown', tests.id('video'))$$,
    'add_video_comment() gives the comment with its writer''s card'
);
select is(
    (select comments_count from public.video_feed where id = tests.id('video')),
    2::bigint, 'comments of both doors count at once'
);
select results_eq(
    $$select text from public.video_comments_page(tests.id('video'))$$,
    $$values ('second'), ('first')$$,
    'a page shows the newest first'
);
select results_eq(
    $$select text from public.video_comments_page(tests.id('video'), page_size => 1)$$,
    $$values ('second')$$,
    'a page has as many rows as asked for'
);
select results_eq(
    $$select text from public.video_comments_page(
        tests.id('video'), page => 2, page_size => 1)$$,
    $$values ('first')$$,
    'pages can be counted'
);
select results_eq(
    $$select text from public.video_comments_page(tests.id('video'), before => (
        select id from public.video_comments where text = 'second'))$$,
    $$values ('first')$$,
    'pages go on before the last comment seen'
);
select throws_ok(
    $$select public.video_comments_page(tests.id('video'), page => 0)$$,
    'PT400', 'page_invalid', 'there is no page 0'
);
select throws_ok(
    $$select public.video_comments_page(tests.id('video'), page_size => 0)$$,
    'PT400', 'page_size_invalid', 'a page without rows is refused'
);
select is(
    tests.outcome(format('insert into public.video_comments (%s) values (%s)', c, v)),
    '42501',
    format('nobody chooses the %s of a comment', split_part(c, ', ', 3))
)
from (
    values
    ('video_id, text, id', 'tests.id(''video''), ''x'', gen_random_uuid()'),
    ('video_id, text, user_id', 'tests.id(''video''), ''x'', ''carol'''),
    ('video_id, text, created_at', 'tests.id(''video''), ''x'', now()')
) as forged (c, v);
select throws_ok(
    $$update public.video_comments set text = 'other'$$,
    '42501', null, 'a comment is not changed afterwards'
);

select tests.sign_in('carol');
select is(
    tests.outcome('delete from public.video_comments'), '0 rows',
    'a third person deletes nothing'
);
select throws_ok(
    $$select public.delete_video_comment(tests.id('video'), (
        select id from public.video_comments where text = 'first'))$$,
    'PT404', 'comment_not_found', 'to a third person it is not there'
);

select tests.sign_in('bob');
select throws_ok(
    $$select public.delete_video_comment(tests.id('other'), (
        select id from public.video_comments where text = 'first'))$$,
    'PT404', 'comment_not_found', 'a comment belongs to its video'
);
select lives_ok(
    $$select public.delete_video_comment(tests.id('video'), (
        select id from public.video_comments where text = 'first'))$$,
    'the writer deletes his comment'
);

select tests.sign_in('ada');
select is(
    tests.outcome('delete from public.video_comments'), '1 row',
    'the owner of the video deletes the comment of another'
);
delete from public.video_comments;
select is(
    (select comments_count from public.video_feed where id = tests.id('video')),
    0::bigint, 'deleted comments no longer count'
);

select * from finish();
rollback;
