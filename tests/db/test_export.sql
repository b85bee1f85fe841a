-- Everybody gets all there is about him, and nothing about anybody else.

begin;
select plan(29);

create function lists(after jsonb default null) returns jsonb language sql as $$
    select public.export_my_data(after)::jsonb -> 'lists'
$$;

select tests.as_anonymous();
select throws_ok(
    'select public.export_my_data()', '42501', null, 'the anonymous have no data'
);
select tests.as_service();
select throws_ok(
    'select public.export_my_data()', 'PT401', 'sign_in_required',
    'nor has the service key'
);

select tests.sign_in('zoe');
select is(
    (select export::jsonb - 'exported_at' from public.export_my_data() as export),
    '{"user_id": "zoe", "profile": null, "next": null, "lists": {
        "videos": [], "comments": [], "likes": [], "views": [], "uploads": [],
        "reports": [], "ended_videos": [], "suspensions": [], "blocks": []}}'::jsonb,
    'of whom there is nothing, there is an empty document'
);
select is_empty(
    $$select from public.user_profiles where user_id = 'zoe'$$, 'and it leaves no trace'
);

select tests.as_owner();
select tests.person('bob', 'bob');
select tests.note('video', tests.video('ada', title => 'one'));
select tests.note('hidden', tests.video('ada', interval '1 hour'));
select tests.note('other', tests.video('bob', interval '1 hour'));
update public.videos set hidden_at = now() where id = tests.id('hidden');
select tests.sign_in('bob');
select public.like_video(tests.id('video'));
select public.record_view(tests.id('video'));
select public.add_video_comment(tests.id('video'), 'from bob');
select public.report_video(tests.id('video'), 'reported by bob');
select public.block_user('eve');
select tests.as_owner();
select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.as_media_worker();
select tests.note('ticket', (private.open_upload('ada', 'avatar')).ticket_id);
select tests.note('bobs', (private.open_upload('bob')).ticket_id);
select tests.as_owner();
insert into private.video_tombstones (video_id, user_id, reason, published_at)
values (private.uuid_v7(), 'ada', 'expired', now() - interval '15 days'),
       (private.uuid_v7(), 'bob', 'deleted', now());

select tests.sign_in('ada');
select public.like_video(tests.id('other'));
select public.record_view(tests.id('other'));
select public.add_video_comment(tests.id('other'), 'from ada');
select public.report_video(tests.id('other'), 'reported by ada');
select public.block_user('mallory');
select public.update_my_profile('ada');

select is(
    (select string_agg(v ->> 'id', ' ') from jsonb_array_elements(lists() -> 'videos') as v),
    tests.id('video') || ' ' || tests.id('hidden'),
    'her videos, newest first, also the hidden ones'
);
select is(
    (lists() -> 'videos' -> 0) - '{created_at,updated_at,id,video_url}'::text[],
    '{"title": "one", "description": null, "thumbnail_url": null, "views_count": 1,
      "likes_count": 1, "comments_count": 1, "hidden_at": null,
      "deleted_at": null}'::jsonb,
    'with their exact counts'
);
select matches(
    lists() -> 'videos' -> 0 ->> 'video_url', '^https://', 'and where their files are'
);
select is(
    (public.export_my_data() -> 'profile' ->> 'username'), 'ada', 'her profile'
);
select is(
    jsonb_path_query_array(lists(), '$.comments[*].text'), '["from ada"]', 'her comments'
);
select is(
    lists() -> 'likes' -> 0 ->> 'video_id', tests.id('other')::text, 'her likes'
);
select is(
    (lists() -> 'views' -> 0 -> 'viewed_from' ->> 0)::timestamptz,
    date_bin(interval '30 minutes', now(), timestamptz 'epoch'),
    'what she watched and when, to the half hour'
);
select is(
    jsonb_path_query_array(lists(), '$.reports[*].reason'), '["reported by ada"]',
    'her reports'
);
select is(
    lists() -> 'uploads' -> 0 ->> 'ticket_id', tests.id('ticket')::text, 'her uploads'
);
select is(
    jsonb_path_query_array(lists(), '$.ended_videos[*].reason'), '["expired"]',
    'which of her videos have ended'
);
select is(
    jsonb_path_query_array(lists(), '$.blocks[*].blocked_user_id'), '["mallory"]',
    'whom she blocks'
);
select unalike(
    public.export_my_data()::text, '%bob%', 'and nothing that others did'
);

select tests.as_owner();
select ops.suspend_user('ada', '2100-01-02 03:04:05Z', 'first words');
select ops.suspend_user('bob', reason => 'words about bob');
select ops.unsuspend_user('ada', 'last words');
select tests.sign_in('ada');
select is(
    jsonb_path_query_array(lists(), '$.suspensions[*].acted_at.type()'),
    '["string", "string"]',
    'when she was suspended and let go'
);
select is(
    jsonb_build_array(
        lists() -> 'suspensions' -> 0 #- '{acted_at}',
        lists() -> 'suspensions' -> 1 #- '{acted_at}'
    ),
    '[{"action": "unsuspend", "reason": "last words", "ends_at": null},
      {"action": "suspend", "reason": "first words",
       "ends_at": "2100-01-02T03:04:05.000Z"}]'::jsonb,
    'until when and why, newest first, and not by whom'
);

-- More than fits.
select tests.as_owner();
insert into public.user_blocks (user_id, blocked_user_id)
select 'carol', 'user ' || lpad(n::text, 4, '0') from generate_series(1, 1000) as n;
insert into public.video_comments (id, video_id, user_id, text)
select private.uuid_v7(), tests.id('video'), 'carol', n::text
from generate_series(1, 2100) as n;
-- The last thousand of these have numbers of more digits than the first.
select setval(pg_get_serial_sequence('private.suspension_log', 'id'), 9500);
insert into private.suspension_log (user_id, action, reason)
select 'carol', 'suspend', n::text from generate_series(1, 1100) as n;
select tests.sign_in('carol');
create temporary table parts as
with recursive parts (number, part) as (
    select
        1,
        public.export_my_data()::jsonb
    union all
    select
        p.number + 1,
        public.export_my_data(p.part -> 'next')::jsonb
    from parts as p
    where p.part -> 'next' <> 'null'
)

select * from parts;
select results_eq(
    $$select
          jsonb_array_length(part -> 'lists' -> 'comments'),
          jsonb_array_length(part -> 'lists' -> 'blocks'),
          part -> 'lists' ? 'likes'
      from parts order by number$$,
    $$values (1000, 1000, true), (1000, 0, false), (100, null, false)$$,
    'a part has up to 1000 entries of each list that goes on'
);
select results_eq(
    $$select count(distinct c)::integer from parts,
          jsonb_path_query(part, '$.lists.comments[*].text') as c$$,
    'values (2100)', 'and together they have everything once'
);
select results_eq(
    $$select count(*)::integer, count(distinct s)::integer from parts,
          jsonb_path_query(part, '$.lists.suspensions[*].reason') as s$$,
    'values (1100, 1100)', 'also of what is counted by numbers'
);
select is_empty(
    $$select from parts,
          jsonb_path_query(part, '$.lists.suspensions[*].acted_by') as s$$,
    'and no administrator''s name'
);
select throws_ok(
    format('select public.export_my_data(%L)', after), 'PT400', 'after_invalid',
    'what is no next is refused'
)
from (
    values
    ('[]'), ('"x"'), ('{"likes": "x"}'), ('{"likes": null}'), ('{"salts": "x"}'),
    ('{"suspensions": "ffffffff-ffff-ffff-ffff-ffffffffffff"}'),
    ('{"suspensions": "9999999999999999999"}')
) as t (after);

select * from finish();
rollback;
