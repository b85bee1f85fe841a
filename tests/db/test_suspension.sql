-- A suspended person writes nothing, through no door, and reads what everybody may.

begin;
select plan(102);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.prepare_writes();

-- Uploads he had under way: one opened, one sent, one published, and one of another.
select tests.as_media_worker();
select tests.note('issued', (private.open_upload('bob')).ticket_id);
select tests.note('sent', (private.open_upload('bob')).ticket_id);
select tests.note('picture', (private.open_upload('bob', 'avatar')).ticket_id);
select private.hold_upload('bob', tests.id('sent'));
select tests.note('published', (private.open_upload('bob')).ticket_id);
select private.publish_video(
    'bob', tests.id('published'), tests.details(tests.id('published'))
);
select tests.note('foreign', (private.open_upload('ada')).ticket_id);

-- Not everybody who is on record is suspended.
select tests.as_owner();
select ops.suspend_user('bob', now() + interval '1 second', 'warned');
update private.user_suspensions set ends_at = now() where user_id = 'bob';
select tests.sign_in('bob');
select is(
    tests.outcome(w.statement), '1 row', w.door || ' is open again when the time is over'
)
from tests.writes as w;
select tests.as_owner();
select is_empty('select from ops.suspended_users', 'he is not listed any more');

select lives_ok(
    $$select ops.suspend_user('bob', '2126-01-02 03:04:05+00', 'spam')$$,
    'an administrator suspends him'
);
select results_eq(
    'select user_id, username, ends_at, reason from ops.suspended_users',
    $$values (
        'bob'::text, 'bob'::text, timestamptz '2126-01-02 03:04:05+00', 'spam'::text
    )$$,
    'and sees whom he suspended, until when and why'
);

-- Each door. What he does too often, too.
select tests.use_up('user:bob');
select tests.sign_in('bob');
select is(tests.outcome(w.statement), 'PT403 suspended', w.door || ' is closed')
from tests.writes as w
where w.door <> 'erase_me';
select tests.as_owner();
delete from private.rate_states where true;
select tests.sign_in('bob');
select is(tests.outcome(r.statement) ~ 'rows?$', true, r.door || ' is open')
from tests.reads as r;
select is(
    tests.outcome('select public.erase_me()'), '1 row', 'he may have himself erased'
);
select is(tests.outcome(statement), 'PT403 suspended', sentence)
from (
    values
    (
        'delete from public.video_likes where video_id = tests.id(''own'')',
        'a delete of nothing is refused as well'
    ),
    (
        'update public.videos set title = ''x'' where false',
        'and an update of nothing'
    ),
    (
        'select public.like_video(tests.id(''own''), false)',
        'and taking a like back that was never there'
    ),
    ('select private.admit_viewer(''sign_upload'')', 'and signing an upload')
) as t (statement, sentence);
select throws_ok(
    $$select public.like_video(tests.id('video'))$$, 'PT403', 'suspended',
    'the answer is a 403'
);

create function pg_temp.detail(statement text) returns text
language plpgsql as $$
declare
    v_detail text;
begin
    execute detail.statement;
    return null;
exception
    when sqlstate 'PT403' then
        get stacked diagnostics v_detail = pg_exception_detail;
        return v_detail;
end
$$;
select is(
    pg_temp.detail('delete from public.video_likes'),
    'You are suspended until 2126-01-02T03:04:05.000Z.', 'it says until when'
);
select tests.as_owner();
select ops.suspend_user('bob', reason => 'spam again');
select tests.sign_in('bob');
select is(
    pg_temp.detail('delete from public.video_likes'),
    'You are suspended for good.', 'or that it has no end'
);
select tests.as_owner();
select ops.suspend_user('newcomer', reason => 'made to spam');
select tests.sign_in('newcomer');
select is(
    tests.outcome('select private.ensure_own_profile()'), 'PT403 suspended',
    'who has no profile can be suspended, and makes none'
);

-- Others meet nothing of it.
select tests.sign_in('carol');
select lives_ok($$select public.like_video(tests.id('own'))$$, 'his videos stay');
select tests.as_service();
select lives_ok(
    $$insert into public.video_likes (video_id, user_id)
      values (tests.id('video'), 'bob')$$,
    'the holder of the service key may write in his name'
);

-- Uploads, by whoever speaks for him.
select tests.as_media_worker();
select is(tests.outcome(statement), 'PT403 suspended', sentence)
from (
    values
    ('select private.open_upload(''bob'')', 'he opens no upload'),
    (
        'select private.publish_video(''bob'', tests.id(''issued''), '
        'tests.details(tests.id(''issued'')))',
        'nobody publishes one of his'
    ),
    (
        'select private.publish_video(''bob'', tests.id(''published''), '
        'tests.details(tests.id(''published'')))',
        'not even one that is published'
    ),
    (
        'select private.publish_avatar(''bob'', tests.id(''picture''), '
        'tests.details(tests.id(''picture'')))',
        'nor a picture'
    ),
    (
        'select private.hold_upload(''bob'', tests.id(''issued''))',
        'and none is held for later'
    )
) as t (statement, sentence);
select results_eq(
    format(
        'select state, reason from private.find_upload(%L, tests.id(%L))', owner, name
    ),
    format('values (%L, %L)', state, reason),
    name || ' is ' || state
)
from (
    values
    ('bob', 'issued', 'failed', 'suspended'),
    ('bob', 'sent', 'failed', 'suspended'),
    ('bob', 'picture', 'failed', 'suspended')
) as t (owner, name, state, reason);
select results_eq(
    format('select state from private.find_upload(%L, tests.id(%L))', owner, name),
    format('values (%L)', state),
    name || ' stays ' || state
)
from (
    values ('bob', 'published', 'published'), ('ada', 'foreign', 'issued')
) as t (owner, name, state);
select is(
    private.take_webhook(
        jsonb_build_object(
            'id', 'event-1', 'type', 'file.created',
            'data', tests.details(tests.id('issued'))
        )
    ),
    'ordered deleted', 'a file that arrives for such an upload is deleted, not published'
);
select is_empty(
    'select from private.lease_held_uploads()', 'and no worker takes one up'
);
select tests.as_owner();
select results_eq(
    $$select t.next_check_at = t.expires_at + s.ticket_grace
      from private.upload_tickets as t
      cross join private.settings as s
      where t.id = tests.id('issued')$$,
    'values (true)', 'what else comes by its token is swept'
);

-- Letting him go.
select lives_ok($$select ops.unsuspend_user('bob', 'sorry')$$, 'he is let go');
select tests.sign_in('bob');
select lives_ok(
    $$select public.like_video(tests.id('video'))$$, 'and writes again at once'
);
select tests.as_owner();
select throws_ok(
    $$select ops.unsuspend_user('bob')$$, 'P0002', null, 'only once'
);
select throws_ok(
    $$select ops.suspend_user('bob', now(), 'x')$$, '22023', null,
    'a suspension ends in the future'
);
select throws_ok(
    $$select ops.suspend_user('bob')$$, '23502', null, 'and has a reason'
);
select results_eq(
    $$select action, ends_at, reason, acted_by from private.suspension_log
      where user_id = 'bob' order by id offset 1$$,
    format(
        $$values
        ('suspend', timestamptz '2126-01-02 03:04:05+00', 'spam', %1$L),
        ('suspend', null, 'spam again', %1$L),
        ('unsuspend', null, 'sorry', %1$L)$$, session_user
    ),
    'what was done, why and by whom is logged'
);

-- His videos, all at once.
select tests.note('odd', tests.video('bob', interval '2 minutes'));
select tests.note('later', tests.video('bob', interval '3 minutes'));
select ops.hide_video(tests.id('odd'), 'odd');
select is(ops.hide_user_videos('bob', 'spam'), 3::bigint, 'his videos are hidden');
select is(ops.hide_user_videos('bob', 'spam'), 0::bigint, 'once');
select ops.hide_video(tests.id('later'), 'odd as well');
select tests.as_anonymous();
select is_empty(
    $$select from public.feed() where user_id = 'bob'$$, 'nobody sees any'
);
select isnt_empty(
    $$select from public.feed() where user_id = 'ada'$$, 'those of others stay'
);
select tests.as_owner();
select is(
    ops.show_user_videos('bob'), 2::bigint,
    'they are shown again, but for those hidden for themselves, before or since'
);
select is(ops.show_user_videos('bob'), 0::bigint, 'once');
select results_eq(
    $$select l.action, l.reason from private.moderation_log as l
      where l.video_id = tests.id('own') order by l.id$$,
    $$values ('hide_user', 'spam'), ('show_user', null)$$,
    'each is logged'
);
select tests.sign_in('ada');
select is(
    tests.outcome(format('select ops.%s', call)), '42501',
    call || ' is for administrators'
)
from unnest(array[
    'suspend_user(''ada'', null, ''x'')', 'unsuspend_user(''ada'')',
    'hide_user_videos(''ada'', ''x'')', 'show_user_videos(''ada'')',
    'set_rate_rule(''like'', 1, ''1 minute'')', 'drop_rate_rule(''like'', ''1 minute'')'
]) as t (call);

select * from finish();
rollback;
