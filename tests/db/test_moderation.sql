-- People report, administrators hide and show.

begin;
select plan(20);

select tests.note('video', tests.video('ada', title => 'odd one'));

select tests.sign_in('bob');
select lives_ok(
    $$select public.report_video(tests.id('video'), ' not nice ')$$,
    'a signed-in person reports a video'
);
select lives_ok(
    $$select public.report_video(tests.id('video'), 'really not nice')$$,
    'and says it again in other words'
);
select throws_ok(
    format('select public.report_video(tests.id(''video''), %L)', reason),
    'PT400', 'reason_invalid', 'a report ' || sentence
)
from (
    values
    (null, 'has a reason'),
    ('  ', 'has more than spaces'),
    (e'\u200B', 'shows something'),
    (repeat('x', 501), 'has at most 500 characters')
) as t (reason, sentence);
select is(
    tests.outcome('select public.report_video(tests.id(''video''), repeat(''x'', 500))'),
    '1 row', 'and that many are allowed'
);
select throws_ok(
    'select * from private.video_reports', '42501', null,
    'no client reads reports'
);
select tests.sign_in('carol');
select public.report_video(tests.id('video'), 'spam');
select tests.as_anonymous();
select throws_ok(
    $$select public.report_video(tests.id('video'), 'x')$$, '42501', null,
    'a report needs a person'
);

select tests.as_owner();
select results_eq(
    $$select video_id, owner_id, reports, reasons from ops.reports$$,
    $$values (
        tests.id('video'), 'ada', 2::bigint, array['really not nice', 'spam']
    )$$,
    'an administrator reads one line a video, with one reason a person'
);

select lives_ok(
    $$select ops.hide_video(tests.id('video'), 'spam')$$, 'he hides the video'
);
select tests.sign_in('ada');
select is_empty('select from public.feed()', 'even its owner no longer sees it');
select tests.as_owner();
update public.videos set hidden_at = hidden_at - interval '1 hour';
select ops.hide_video(tests.id('video'), 'still spam');
select is(
    (select hidden_at from public.videos), now() - interval '1 hour',
    'hiding again keeps the moment it was hidden'
);
select lives_ok(
    $$select ops.show_video(tests.id('video'))$$, 'he shows it again'
);
select results_eq(
    $$select action, reason, acted_by from private.moderation_log order by id$$,
    format(
        $$values ('hide', 'spam', %1$L), ('hide', 'still spam', %1$L),
          ('show', null, %1$L)$$, session_user
    ),
    'what was done, why and by whom is logged'
);
select tests.sign_in('ada');
select isnt_empty('select from public.feed()', 'and it is there again');

select tests.as_owner();
select throws_ok(
    $$select ops.hide_video(gen_random_uuid(), 'x')$$, 'P0002', null,
    'hiding a video that never was is an error'
);
select throws_ok(
    $$select ops.show_video(gen_random_uuid())$$, 'P0002', null,
    'so is showing one'
);
select tests.as_service();
select throws_ok(
    $$select ops.hide_video(tests.id('video'), 'x')$$, '42501', null,
    'the service key is no administrator'
);
select tests.sign_in('ada');
select throws_ok(
    $$select ops.hide_video(tests.id('video'), 'x')$$, '42501', null,
    'nor is a client'
);

select * from finish();
rollback;
