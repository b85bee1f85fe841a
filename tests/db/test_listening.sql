-- Who may listen to what: policies on realtime.messages, asked when a channel is joined.

begin;
select plan(11);

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('ada', interval '14 days'));

create function pg_temp.joins(topic text) returns boolean
language plpgsql as $$
begin
    perform set_config('realtime.topic', joins.topic, true);
    return exists (select from realtime.messages as m where m.topic = joins.topic);
end
$$;
create temporary table topics as
select t.topic, t.name, t.seen_by
from (
    values
    ('video:' || tests.id('video'), 'a video', '{ada,bob,carol,dan,anybody}'::text[]),
    (upper('video:' || tests.id('video')), 'a video in capitals', '{}'),
    ('video:' || upper(tests.id('video')::text), 'its id in capitals', '{}'),
    ('video:' || tests.id('video') || ' ', 'more than an id', '{}'),
    ('video:', 'no id', '{}'),
    ('video:x', 'a malformed id', '{}'),
    ('video:' || tests.id('other'), 'an expired video', '{}'),
    ('video:' || gen_random_uuid(), 'an unknown video', '{}'),
    ('user:ada', 'what concerns ada', '{ada}'),
    ('user:carol', 'what concerns carol, who is suspended', '{}'),
    ('user:', 'what concerns nobody', '{}'),
    ('anything', 'another topic', '{}')
) as t (topic, name, seen_by);
insert into realtime.messages (topic, extension) select topic, 'broadcast' from topics;
insert into realtime.messages (topic, extension) values ('video:presence', 'presence');
grant select on topics to public;
select ops.suspend_user('carol', reason => 'spam');
select tests.block('ada', 'eve');
create function pg_temp.speak(name text) returns void
language plpgsql as $$
begin
    if speak.name = 'anybody' then
        perform tests.as_anonymous();
    else
        perform tests.sign_in(speak.name);
    end if;
end
$$;
create function pg_temp.joined(name text) returns text[]
language plpgsql as $$
declare
    v_topics text[];
begin
    perform pg_temp.speak(joined.name);
    select array_agg(t.name order by t.name) into v_topics
    from topics as t
    where pg_temp.joins(t.topic);
    return coalesce(v_topics, '{}');
end
$$;
select is(
    pg_temp.joined(p.name),
    array(
        select t.name from topics as t
        where t.seen_by @> array[p.name]
        order by t.name
    ),
    p.name || ' listens to what is for him, and to nothing else'
)
from unnest(array['ada', 'bob', 'dan', 'anybody', 'carol', 'eve']) as p (name);
select tests.sign_in('ada');
select set_config('realtime.topic', 'video:' || tests.id('video'), true);
select is_empty(
    $$select from realtime.messages where topic <> 'video:' || tests.id('video')$$,
    'who has joined one topic reads nothing of another'
);
select is(
    tests.outcome(
        $$insert into realtime.messages (topic, extension)
          values ('video:' || tests.id('video'), 'broadcast')$$
    ),
    '42501', 'nobody sends but the database'
);
select is(
    tests.outcome('update realtime.messages set event = ''x'''), '0 rows',
    'nor changes what was sent'
);
select tests.as_owner();
insert into realtime.messages (topic, extension)
values ('video:' || tests.id('video'), 'presence');
select tests.sign_in('ada');
select set_config('realtime.topic', 'video:' || tests.id('video'), true);
select is_empty(
    $$select from realtime.messages where extension <> 'broadcast'$$,
    'and there is no presence: who watches is nobody''s business'
);
select tests.as_owner();
select ops.hide_video(tests.id('video'), 'odd');
select tests.sign_in('bob');
select ok(
    not pg_temp.joins('video:' || tests.id('video')), 'nobody joins a hidden video'
);

select * from finish();
rollback;
