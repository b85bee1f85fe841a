-- Who watches is told what has changed: counts of a video, never people; and each person
-- what concerns him.

begin;
select plan(57);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
create temporary table heard_before (id uuid primary key);

-- What was sent since the last call, as "topic event payload", with the names of this test
-- for ids; and the next transaction may send again.
create function pg_temp.heard() returns setof text
language plpgsql security definer as $$
declare
    v_message record;
    v_text text;
    v_name text;
begin
    for v_message in
        select m.id, m.topic, m.event, m.payload
        from realtime.messages as m
        where m.event is not null and m.id not in (select h.id from heard_before as h)
        order by m.ctid
    loop
        insert into heard_before values (v_message.id);
        v_text := concat_ws(
            ' ', v_message.topic, v_message.event, v_message.payload - 'id'
        );
        foreach v_name in array array['video', 'other', 'third', 'ticket', 'avatar'] loop
            v_text := replace(
                v_text,
                coalesce(nullif(current_setting('tests.' || v_name, true), ''), 'none'),
                '<' || v_name || '>'
            );
        end loop;
        return next v_text;
    end loop;
    perform set_config('ig_live.messages_sent', '', true);
end
$$;

create function pg_temp.counts(views bigint, likes bigint, comments bigint) returns text
language sql immutable as $$
    select format(
        'video:<video> counts {"video_id": "<video>", "likes_count": %s, '
        '"views_count": %s, "comments_count": %s}',
        likes, views, comments
    )
$$;

create function pg_temp.a_second_passes() returns void
language sql security definer as $$
    update private.video_announcements set sent_at = sent_at - interval '1 second'
    where true;
$$;

select tests.note('video', tests.video('ada'));
select tests.note('other', tests.video('ada'));
select tests.note('third', tests.video('bob'));
select tests.person('bob', 'bob');

-- Counts: the first at once, nothing for a second, the last with the next fold.
select tests.sign_in('bob');
select public.like_video(tests.id('video'));
select results_eq(
    'select pg_temp.heard()', array[pg_temp.counts(0, 1, 0)],
    'the first like is told at once, and not whose it is'
);
select public.like_video(tests.id('video'), false);
select public.like_video(tests.id('video'), true);
select tests.sign_in('carol');
select public.like_video(tests.id('video'));
select public.record_view(tests.id('video'));
select is_empty('select pg_temp.heard()', 'then nothing for a second');
select public.like_video(tests.id('other'));
select results_eq(
    'select pg_temp.heard()',
    array[
        'video:<other> counts {"video_id": "<other>", "likes_count": 1, '
        '"views_count": 0, "comments_count": 0}'
    ],
    'another video has its own second'
);
select tests.as_owner();
select is(private.fold_pending(), 0, 'the job folds');
select results_eq(
    'select pg_temp.heard()', array[pg_temp.counts(1, 2, 0)],
    'and tells what nobody has told, which is exact'
);
select is_empty('select from private.video_deltas', 'it leaves no mark behind');
select private.fold_pending();
select is_empty('select pg_temp.heard()', 'what is known is not told again');
select pg_temp.a_second_passes();
select tests.sign_in('carol');
select public.like_video(tests.id('video'), false);
select results_eq(
    'select pg_temp.heard()', array[pg_temp.counts(1, 1, 0)],
    'after a second the next change is told at once'
);

-- What was folded by chance in between is not forgotten.
select public.like_video(tests.id('video'));
select tests.as_owner();
select private.fold_video(tests.id('video'));
select private.fold_video(tests.id('video'));
select is_empty('select pg_temp.heard()', 'folding one video tells nobody');
select private.fold_pending();
select results_eq(
    'select pg_temp.heard()', array[pg_temp.counts(1, 2, 0)],
    'its mark has the job tell it'
);
select is_empty('select from private.video_deltas', 'and goes');
update public.videos set likes_count = 9 where id = tests.id('video');
select ops.repair_counters(tests.id('video'));
select private.fold_pending();
select is_empty('select pg_temp.heard()', 'a repair to what is known tells nothing');
delete from private.video_announcements where true;
update public.videos set likes_count = 9 where id = tests.id('video');
select ops.repair_counters(tests.id('video'));
select private.fold_pending();
select results_eq(
    'select pg_temp.heard()', array[pg_temp.counts(1, 2, 0)],
    'after a crash, when nobody knows what was told, it is told'
);

-- One message a transaction, however many videos a statement touches.
delete from private.video_announcements where true;
insert into public.video_likes (video_id, user_id)
select v.id, 'fan ' || n
from public.videos as v cross join generate_series(1, 3) as n;
select is(
    (select count(*) from pg_temp.heard()), 1::bigint,
    'a statement that likes several videos tells of one at once'
);
select private.fold_pending();
select is(
    (select count(*) from pg_temp.heard()), 2::bigint, 'and the job of the others'
);
select set_config('ig_live.messages_sent', '60', true);
insert into private.video_deltas (video_id, likes)
select tests.id('video'), 1;
select private.fold_pending();
select is_empty('select pg_temp.heard()', 'a transaction that has sent 60 sends no more');
select private.fold_pending();
select results_eq(
    'select pg_temp.heard()', array[pg_temp.counts(1, 6, 0)], 'the next one does'
);
select pg_temp.a_second_passes();

-- Comments: the owner is told on his own topic, by number.
select tests.sign_in('bob');
select public.add_video_comment(tests.id('video'), 'hi');
select results_eq(
    'select pg_temp.heard()',
    array[
        pg_temp.counts(1, 6, 1),
        'user:ada video_commented {"video_id": "<video>", "comments_count": 1}'
    ],
    'a comment is told to who watches and to the owner, and not whose it is'
);
select public.add_video_comment(tests.id('video'), 'hi again');
select tests.as_owner();
select private.fold_pending();
select results_eq(
    'select pg_temp.heard()',
    array[
        pg_temp.counts(1, 6, 2),
        'user:ada video_commented {"video_id": "<video>", "comments_count": 2}'
    ],
    'the last of several by the job'
);
delete from public.video_comments where text = 'hi again';
select private.fold_pending();
select results_eq(
    'select pg_temp.heard()', array[pg_temp.counts(1, 6, 1)],
    'that there are fewer is no news for him'
);

-- Removed videos, each once.
insert into private.user_suspensions (user_id, reason) values ('bob', 'spam');
select results_eq(
    'select pg_temp.heard()', array['user:bob suspended {"ends_at": null}'],
    'who is suspended is told, as his last'
);
select ops.suspend_user('bob', '2126-01-02 03:04:05+00', 'spam');
select results_eq(
    'select pg_temp.heard()',
    array['user:bob suspended {"ends_at": "2126-01-02T03:04:05.000Z"}'],
    'and until when'
);
update private.user_suspensions set ends_at = now() where user_id = 'bob';
select is_empty('select pg_temp.heard()', 'not when it is over');
update private.user_suspensions set ends_at = null where user_id = 'bob';
select count(*) from pg_temp.heard();
select ops.hide_video(tests.id('third'), 'odd');
select results_eq(
    'select pg_temp.heard()', array['video:<third> removed {"video_id": "<third>"}'],
    'who watches is told of a hidden video; its suspended owner is told nothing any more'
);
select ops.unsuspend_user('bob');
select is_empty('select pg_temp.heard()', 'nor that he may come back');
select ops.hide_video(tests.id('third'), 'odd');
select ops.remove_video(tests.id('third'), 'odd');
select is_empty('select pg_temp.heard()', 'a hidden video is told of once');
select ops.hide_video(tests.id('other'), 'odd');
select results_eq(
    'select pg_temp.heard()',
    array[
        'video:<other> removed {"video_id": "<other>"}',
        'user:ada video_removed {"video_id": "<other>"}'
    ],
    'what moderation takes away is told to the owner too'
);
select ops.show_video(tests.id('other'));
insert into public.video_likes (video_id, user_id) values (tests.id('other'), 'zoe');
select count(*) from pg_temp.heard();
select tests.sign_in('ada');
select public.delete_video(tests.id('other'));
select results_eq(
    'select pg_temp.heard()', array['video:<other> removed {"video_id": "<other>"}'],
    'what the owner deletes is told to who watches'
);
select public.delete_video(tests.id('other'));
select tests.as_owner();
delete from public.video_likes where video_id = tests.id('other');
select private.fold_pending();
delete from public.videos where id = tests.id('other');
select private.announce_removals();
select is_empty('select pg_temp.heard()', 'once, and nothing of it after that');

-- Many at once: the first now, the others by the job.
select tests.note('other', tests.video('ada'));
select tests.note('third', tests.video('ada'));
select ops.hide_user_videos('ada', 'spam');
select is(
    (select count(*) from pg_temp.heard() as m where m like 'video:%'), 1::bigint,
    'of many that are hidden one is told at once'
);
select ops.show_video(
    (select r.video_id from private.video_removals as r order by r.video_id limit 1)
);
select is(private.announce_removals(), 2, 'the job takes up the others');
select is(
    array(select substring(m from '^\w+') from pg_temp.heard() as m),
    array['video', 'user'],
    'tells of them and their owner, but not of what is shown again'
);
select is(private.announce_removals(), 0, 'and is done');
select ops.show_user_videos('ada');
delete from public.videos where id = tests.id('third');
select results_eq(
    'select pg_temp.heard()', array['video:<third> removed {"video_id": "<third>"}'],
    'a row that an administrator deletes is told of'
);

-- What expires, when it does: by its id, or by its date alone.
select tests.note('other', tests.video('ada', interval '14 days' - interval '1 second'));
select tests.note(
    'third',
    tests.video('ada', interval '14 days' - interval '1 second', id_age => interval '3 days')
);
select ops.hold_video(tests.id('other'), 'evidence is told of like any other');
update private.expiry_progress set announced_up_to = now() - interval '14 days 1 minute'
where true;
select private.announce_removals();
select is_empty('select pg_temp.heard()', 'a second before, nothing is told');
update private.settings set retention = interval '14 days' - interval '2 seconds'
where true;
select is(private.announce_removals(), 2, 'a moment after, the job finds both');
select set_eq(
    'select pg_temp.heard()',
    array[
        'video:<other> removed {"video_id": "<other>"}',
        'video:<third> removed {"video_id": "<third>"}'
    ],
    'and tells who watches, not the owner, who knew'
);
select private.announce_removals();
select ops.hide_video(tests.id('other'), 'late');
select private.retire_videos(array[tests.id('third')]);
select is_empty('select pg_temp.heard()', 'once');
update private.settings set retention = interval '15 days' where true;
select private.announce_removals();
select is_empty('select pg_temp.heard()', 'a longer retention is no news');
select is(
    (select announced_up_to from private.expiry_progress), now() - interval '15 days',
    'but what it brings back will expire again'
);
select tests.note('other', tests.video('ada', interval '20 minutes' + interval '14 days'));
select tests.note('third', tests.video('ada', interval '3 minutes' + interval '14 days'));
update private.expiry_progress set announced_up_to = now() - interval '14 days 25 minutes'
where true;
update private.settings set retention = interval '14 days' where true;
select is(private.announce_removals(), 2, 'after a pause it goes step by step');
select is(private.announce_removals(), 1, 'as long as it is behind');
select is(private.announce_removals(), 1, 'or there is more');
select is(private.announce_removals(), 0, 'until it is not');
select is((select count(*) from pg_temp.heard()), 2::bigint, 'and tells of all');
select tests.note('third', tests.video('ada', interval '1 day'));
update public.videos set created_at = now() - interval '2 days'
where id = tests.id('third');
select is_empty('select pg_temp.heard()', 'a row made older is there as long as it is');
update public.videos set created_at = now() - interval '14 days'
where id = tests.id('third');
select results_eq(
    'select pg_temp.heard()', array['video:<third> removed {"video_id": "<third>"}'],
    'when it is gone by that, it is told'
);

-- Uploads.
select tests.as_media_worker();
select tests.note('ticket', (private.open_upload('bob')).ticket_id);
select tests.note(
    'third',
    (private.publish_video(
        'bob', tests.id('ticket'), tests.details(tests.id('ticket'))
    )).id
);
select results_eq(
    'select pg_temp.heard()',
    array[
        'user:bob upload_published {"purpose": "video", "video_id": "<third>", '
        '"ticket_id": "<ticket>"}'
    ],
    'a published upload is told to whose it is'
);
select tests.note('avatar', (private.open_upload('bob', 'avatar')).ticket_id);
select private.fail_upload('bob', tests.id('avatar'), 'not a picture');
select results_eq(
    'select pg_temp.heard()',
    array[
        'user:bob upload_failed {"state": "failed", "reason": "not a picture", '
        '"purpose": "avatar", "ticket_id": "<avatar>"}'
    ],
    'and one that failed, with its reason'
);
select tests.note('ticket', (private.open_upload('bob')).ticket_id);
select private.open_upload('bob');
select private.hold_upload('bob', tests.id('ticket'));
select tests.as_owner();
update private.upload_tickets set expires_at = now() - interval '30 days'
where state in ('issued', 'uploaded');
select private.expire_uploads();
select results_eq(
    'select pg_temp.heard()',
    array[
        'user:bob upload_failed {"state": "expired", "reason": "not_confirmed", '
        '"purpose": "video", "ticket_id": "<ticket>"}'
    ],
    'and one that nobody confirmed, not one that nobody sent'
);
select tests.published('bob', with_thumbnail => true);
select is(
    (select count(*) from pg_temp.heard()), 1::bigint,
    'a thumbnail is no message of its own'
);

-- Erased people leave no name in what was sent.
select tests.note('video', tests.video('ada'));
select tests.sign_in('zoe');
select public.like_video(tests.id('video'));
select tests.as_owner();
select count(*) from pg_temp.heard();
select pg_temp.a_second_passes();
select tests.sign_in('zoe');
select public.add_video_comment(tests.id('video'), 'zoe was here');
select tests.as_owner();
select tests.note('other', tests.video('zoe'));
select count(*) from pg_temp.heard();
select tests.sign_in('zoe');
select public.erase_me();
select results_eq(
    'select pg_temp.heard()', array['video:<other> removed {"video_id": "<other>"}'],
    'of an erased person''s video who watches is told, and he is not'
);
select tests.as_owner();
select private.erase_people();
select private.fold_pending();
select is_empty(
    $$select from realtime.messages where payload::text like '%zoe%'$$,
    'no message names an erased person'
);

-- What is not announced for an hour is forgotten.
update private.video_announcements set sent_at = now() - interval '59 minutes'
where true;
select is(private.prune_announcements(), 0, 'what was sent is remembered for an hour');
update private.video_announcements set sent_at = now() - interval '61 minutes'
where true;
select ok(private.prune_announcements() > 0, 'and forgotten after it');
select is_empty('select from private.video_announcements', 'all of it');

select results_eq(
    $$select v, private.cron_takes_seconds(v)
      from unnest(array['1.4-1', '1.4.2', '1.5', '1.6', '1.10', '2.0', null]) as v$$,
    $$values ('1.4-1', false), ('1.4.2', false), ('1.5', true), ('1.6', true),
      ('1.10', true), ('2.0', true), (null, null)$$,
    'pg_cron takes seconds from 1.5 on'
);

select * from finish();
rollback;
