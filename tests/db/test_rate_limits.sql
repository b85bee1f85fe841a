-- How often one caller may do what: a rule for each action, at every door.

begin;
select plan(94);

select tests.prepare_writes();

-- Nothing is forgotten and nothing is dead.
select set_eq(
    $$select distinct r.action from private.rate_rules as r$$,
    $$select w.action from tests.writes as w
      -- The API asks for these two itself.
      union select unnest(array['sign_upload', 'publish_upload'])$$,
    'every action is somebody''s'
);
select is_empty(
    $$select f.function_name from tests.callable_functions as f
      where not exists (
          select
          from (
              select statement from tests.writes union select statement from tests.reads
          ) as d
          where d.statement ~ ('public\.' || f.function_name || '\(')
      )$$,
    'every function a client may call is among the doors tried here'
);
select is_empty(
    $$select d.object, d.privilege from lint.direct_writes as d
      where
          d.role_name = 'authenticated'
          and not exists (
              select
              from tests.writes as w
              where w.door = format('%s on %s', d.privilege, split_part(d.object, '.', 2))
          )$$,
    'so is every direct write'
);
select results_eq(
    $$select c.oid::regclass::text from pg_class as c
      where
          c.relpersistence = 'u'
          and c.relkind = 'r'
          and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      order by c.relname$$,
    $$values ('private.rate_states'), ('private.video_announcements')$$,
    'a crash empties the callers'' states and what was sent last, and nothing else'
);

-- Each door, with its own action used up, and with all others used up.
select tests.use_up('user:bob');
select tests.sign_in('bob');
select is(
    tests.outcome(w.statement), 'PT429 rate_limited', w.door || ' is limited'
)
from tests.writes as w;
select is(tests.outcome(r.statement) ~ 'rows?$', true, r.door || ' is free')
from tests.reads as r;

create function pg_temp.alone(action text, statement text) returns text
language plpgsql as $$
begin
    perform tests.as_owner();
    delete from private.rate_states where true;
    perform tests.use_up('user:bob', alone.action);
    perform tests.sign_in('bob');
    return tests.outcome(alone.statement);
end
$$;
select is(
    pg_temp.alone(w.action, w.statement), '1 row', w.door || ' counts as ' || w.action
)
from tests.writes as w;

-- The states a person can count on.
select tests.as_owner();
delete from private.rate_states where true;
select ops.set_rate_rule('like', 3, '1 minute');

create function pg_temp.answer(statement text)
returns table (code text, message text, details text, hint text, frame jsonb)
language plpgsql as $$
declare
    v_words json;
    v_frame text;
begin
    execute answer.statement;
exception
    when sqlstate 'PGRST' then
        get stacked diagnostics v_frame = pg_exception_detail;
        v_words := sqlerrm;
        return query select
            v_words ->> 'code', v_words ->> 'message', v_words ->> 'details',
            v_words ->> 'hint', v_frame::jsonb;
end
$$;

select tests.sign_in('bob');
select is(
    tests.outcome(
        'insert into public.video_likes (video_id) '
        'values (tests.id(''video'')), (tests.id(''own'')), (tests.id(''liked'')), '
        '(tests.id(''video''))'
    ),
    'PT429 rate_limited', 'each row of one statement counts'
);
select is(
    tests.outcome(
        'insert into public.video_likes (video_id) '
        'values (tests.id(''video'')), (tests.id(''own'')), (tests.id(''liked''))'
    ),
    '2 rows', 'and what was refused has cost nothing: three go, one of them liked before'
);
select lives_ok(
    $$insert into public.video_likes (video_id)
      values (tests.id('liked')), (tests.id('liked')), (tests.id('liked'))$$,
    'what changes nothing may be said three times'
);
select is(
    tests.outcome('delete from public.video_likes'),
    'PT429 rate_limited', 'but counts like what does, and unlikes count as likes'
);
select is(
    tests.outcome('select public.like_video(tests.id(''own''), false)'), '1 row',
    'to take back what is not there is no write'
);
select results_eq(
    $$select * from pg_temp.answer('delete from public.video_likes')$$,
    $$values (
        'PT429', 'rate_limited', 'You have done this too often in a short time.',
        'Try again in 20 seconds.',
        '{"status": 429, "headers": {"Retry-After": "20"}}'::jsonb
    )$$,
    'the answer says when, in the form PostgREST makes a header of'
);
select tests.sign_in('carol');
select lives_ok(
    $$select public.like_video(tests.id('video'))$$, 'others have their own'
);

select tests.as_owner();
select lives_ok(
    $$insert into public.video_likes (video_id, user_id)
      select tests.id('own'), 'fan-' || n from generate_series(1, 10) as n$$,
    'the owner writes as much as he likes'
);
select tests.as_service();
select lives_ok(
    $$insert into public.video_likes (video_id, user_id)
      select tests.id('own'), 'admirer-' || n from generate_series(1, 10) as n$$,
    'and the holder of the service key'
);

-- It comes back evenly.
select tests.as_owner();
update private.rate_states set full_at = full_at - interval '20 seconds'
where subject = 'user:bob';
select tests.sign_in('bob');
select lives_ok(
    $$select public.like_video(tests.id('video'))$$, 'after a third of the time one is back'
);
select is(
    tests.outcome('select public.like_video(tests.id(''video''))'),
    'PT429 rate_limited', 'and only one'
);
select tests.as_owner();
update private.rate_states set full_at = full_at - interval '10 minutes'
where subject = 'user:bob';
select tests.sign_in('bob');
select lives_ok(
    $$insert into public.video_likes (video_id)
      values (tests.id('liked')), (tests.id('liked')), (tests.id('liked'))$$,
    'after a long pause all are back'
);
select is(
    tests.outcome('select public.like_video(tests.id(''video''))'),
    'PT429 rate_limited', 'and no more than all'
);

-- What does not divide evenly.
select tests.as_owner();
select ops.set_rate_rule('report_video', n, per)
from (values (7, interval '1 minute'), (7, interval '1 hour')) as t (n, per);
select tests.sign_in('bob');
select lives_ok(
    $$select public.report_video(tests.id('video'), 'odd') from generate_series(1, 7)$$,
    'seven in a minute are seven, though a seventh of it is no whole number'
);
select is(
    tests.outcome('select public.report_video(tests.id(''video''), ''odd'')'),
    'PT429 rate_limited', 'and not eight'
);

-- Two rules of one action: the slower one is what a patient person meets.
select tests.as_owner();
update private.rate_states set full_at = now() - interval '1 second'
where subject = 'user:bob' and per = interval '1 minute';
select tests.sign_in('bob');
select results_eq(
    $$select frame #>> '{headers,Retry-After}' from pg_temp.answer(
        'select public.report_video(tests.id(''video''), ''odd'')')$$,
    $$values ('515')$$,
    'one of two rules is enough to refuse, and says when'
);

-- Strangers are told apart by their address.
select tests.as_owner();
select ops.set_rate_rule('record_view', 1, '1 minute');
insert into private.daily_salts (day, salt)
values ((now() at time zone 'utc')::date, decode(repeat('00', 32), 'hex'))
on conflict do nothing;
select tests.as_anonymous('203.0.113.7');
select is(public.record_view(tests.id('video')), true, 'a stranger watches');
select is(
    tests.outcome('select public.record_view(tests.id(''own''))'),
    'PT429 rate_limited', 'and another video too soon'
);
select is(
    tests.outcome('select public.record_view(tests.id(''video''))'),
    'PT429 rate_limited', 'or the same'
);
select tests.as_anonymous('203.0.113.8');
select is(
    public.record_view(tests.id('video')), true, 'somebody at another address is another'
);
select tests.speak('authenticated', json_build_object('sub', ''));
select is(
    tests.outcome('insert into public.video_likes (video_id) values (tests.id(''video''))'),
    'PT401 sign_in_required', 'who has no name is refused, not free'
);

-- Who has no profile gets one by his first change of it; that counts.
select tests.as_owner();
select tests.use_up('user:newcomer');
select tests.sign_in('newcomer');
select is(
    tests.outcome('select private.ensure_own_profile()'),
    'PT429 rate_limited', 'an empty profile is not free'
);

-- Administrators.
select tests.as_owner();
delete from private.rate_states where true;
select tests.sign_in('bob');
select public.like_video(tests.id('video')) from generate_series(1, 3);
select tests.sign_in('carol');
select public.like_video(tests.id('video'));
select tests.as_owner();
select results_eq(
    $$select burst, per, step, callers, refused_callers from ops.rate_rules
      where action = 'like'$$,
    $$values (
        3, interval '1 minute', interval '19.999999 seconds', 2::bigint, 1::bigint
    )$$,
    'an administrator sees a rule and who meets it'
);
select throws_ok(
    $$select ops.set_rate_rule('lik', 1, '1 minute')$$, 'P0002', null,
    'a rule for nothing is refused'
);
select throws_ok(
    $$select ops.set_rate_rule('like', 0, '1 minute')$$, '23514', null,
    'so is one that lets nobody through'
);
select ops.set_rate_rule('like', 500, '1 day');
select results_eq(
    $$select r.burst, r.per::text from private.rate_rules as r
      where r.action = 'like' order by r.per$$,
    $$values (3, '00:01:00'), (500, '24:00:00')$$,
    'a rule with another time is one more, and a day has 24 hours'
);
select lives_ok(
    $$select ops.drop_rate_rule('like', '1 minute')$$, 'one of two may go'
);
select throws_ok(
    $$select ops.drop_rate_rule('like', '24 hours')$$, 'P0002', null,
    'the last one stays'
);
delete from private.rate_rules where action = 'like';
select tests.sign_in('bob');
select is(
    tests.outcome('select public.like_video(tests.id(''own''))'),
    'PT500 rate_rule_missing', 'what has no rule is an error, never free'
);

-- The job.
select tests.as_owner();
delete from private.rate_states where true;
insert into private.rate_states (subject, action, per, full_at)
values
('user:long gone', 'comment', '1 minute', now()),
('user:still here', 'comment', '1 minute', now() + interval '1 second');
select is(private.prune_rate_states(), 1, 'who has everything back is forgotten');
select results_eq(
    $$select subject from private.rate_states$$, $$values ('user:still here')$$,
    'and nobody else'
);
select tests.sign_in('bob');
select throws_ok(
    format('select from private.%I', t), '42501', null, 'no client reads ' || t
)
from unnest(array['rate_rules', 'rate_states']) as t;

select * from finish();
rollback;
