-- What a phone asks twice with the same request_id is done once, through any door.

begin;
select plan(25);

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('ada', interval '1 hour'));
-- Fixed: a random one may begin like a line of TAP.
select tests.note('request', 'c0ffee00-0000-4000-8000-000000000000'::uuid);
select tests.note('another', 'c0ffee00-0000-4000-8000-000000000001'::uuid);
select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select ops.set_setting('open_tickets_per_user', '2');

select tests.sign_in('bob');
select tests.note(
    'first', (public.add_video_comment(tests.id('video'), 'hi', tests.id('request'))).id
);
select results_eq(
    $$select id, text from public.add_video_comment(
        tests.id('video'), ' hi ', tests.id('request'))$$,
    $$values (tests.id('first'), 'hi')$$,
    'the same request gives the same comment; texts are compared as they are stored'
);
select is(
    tests.outcome($$insert into public.video_comments (video_id, text, request_id)
        values (tests.id('video'), 'hi', tests.id('request'))$$),
    '0 rows', 'as a plain insert it is silently nothing'
);
select is(
    tests.outcome($$insert into public.video_comments (video_id, text, request_id)
        values (tests.id('video'), 'hi', tests.id('request')),
               (tests.id('video'), 'hi', gen_random_uuid())$$),
    '1 row', 'among several only the new one is stored'
);
select throws_ok(
    format('select public.add_video_comment(%L, %L, %L)', v, t, tests.id('request')),
    'PT422', 'request_id_reused', 'it cannot be used for another ' || sentence
)
from (
    values
    (tests.id('video'), 'ho', 'text'),
    (tests.id('other'), 'hi', 'video')
) as t (v, t, sentence);
select throws_ok(
    $$insert into public.video_comments (video_id, text, request_id)
      values (tests.id('other'), 'hi', tests.id('request'))$$,
    'PT422', 'request_id_reused', 'nor by a plain insert'
);
select is(
    (select comments_count from public.video_feed where id = tests.id('video')),
    1::bigint, 'one comment counts once'
);
select isnt(
    (public.add_video_comment(tests.id('video'), 'hi')).id, tests.id('first'),
    'without an id each request is a new comment'
);
select is(
    (select count(*) from public.video_comments where request_id is null), 1::bigint,
    'which has none'
);

select tests.sign_in('carol');
select results_eq(
    $$select user_id from public.add_video_comment(
        tests.id('video'), 'ho', tests.id('request'))$$,
    $$values ('carol')$$,
    'the ids of two people do not meet'
);

select tests.sign_in('bob');
select public.delete_video_comment(tests.id('video'), tests.id('first'));
select isnt(
    (public.add_video_comment(tests.id('video'), 'hi', tests.id('request'))).id,
    tests.id('first'), 'an id is known as long as its comment: afterwards it is a new one'
);
select tests.as_owner();
update public.videos set hidden_at = now() where id = tests.id('video');
select tests.sign_in('bob');
select throws_ok(
    $$select public.add_video_comment(tests.id('video'), 'hi', tests.id('request'))$$,
    'PT404', 'video_not_found', 'a repeated comment on a video that is gone is refused too'
);
select throws_ok(
    $$select public.add_video_comment(tests.id('other'), 'hi', tests.id('request'))$$,
    'PT422', 'request_id_reused', 'and an id counts that was used on it'
);

-- Uploads.
select tests.as_media_worker();
create temporary table opened as
select * from private.open_upload(
    'bob', 'video', 'video/mp4', 5000, tests.id('request')
);
select results_eq(
    $$select * from private.open_upload(
        'bob', 'video', 'video/mp4', 5000, tests.id('request'))$$,
    'select * from opened',
    'the same request gives the same ticket, to the last particular'
);
select throws_ok(
    format('select private.open_upload(''bob'', %s, %L)', arguments, tests.id('request')),
    'PT422', 'request_id_reused', 'not for another ' || sentence
)
from (
    values
    ('''thumbnail'', null, 5000', 'purpose'),
    ('''video'', ''video/quicktime'', 5000', 'type'),
    ('''video'', null, 5000', 'choice of types'),
    ('''video'', ''video/mp4'', 5001', 'size'),
    ('''video'', ''video/mp4'', null', 'choice of sizes')
) as t (arguments, sentence);
select lives_ok(
    $$select private.open_upload('carol', request_id => tests.id('request'))$$,
    'the ids of two people do not meet here either'
);
select private.open_upload('bob');
select throws_ok(
    $$select private.open_upload('bob')$$, 'PT409', 'too_many_open_uploads',
    'bob has no upload left'
);
select lives_ok(
    $$select private.open_upload(
        'bob', 'video', 'video/mp4', 5000, tests.id('request'))$$,
    'a repeated request takes none of the limits'
);
select tests.as_owner();
update private.upload_tickets set expires_at = now()
where request_id = tests.id('request');
select tests.as_media_worker();
select throws_ok(
    $$select private.open_upload(
        'bob', 'video', 'video/mp4', 5000, tests.id('request'))$$,
    'PT410', 'upload_expired', 'a ticket that is over is not given again'
);
select tests.as_owner();
select is(
    tests.refused_by($$insert into private.upload_tickets (
        id, user_id, purpose, folder, file_name, request_id, expires_at)
        values (gen_random_uuid(), 'bob', 'video', '/videos/x', 'y',
            tests.id('request'), now())$$),
    'upload_tickets_user_id_request_id_idx', 'two tickets never have the same request'
);
alter table public.video_comments disable trigger skip_repeated_comment_on_insert;
select is(
    tests.refused_by($$insert into public.video_comments (
        video_id, user_id, text, request_id)
        values (tests.id('video'), 'bob', 'a', tests.id('another')),
            (tests.id('video'), 'bob', 'b', tests.id('another'))$$),
    'video_comments_user_id_request_id_video_id_idx',
    'nor two comments of one person on one video'
);

select * from finish();
rollback;
