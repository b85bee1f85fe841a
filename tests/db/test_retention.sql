-- The job takes back the space of what readers lost to the second: files are ordered
-- deleted, leaves dropped, rows removed, tombstones left.

begin;
select plan(35);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
-- Nothing of the days already made is old enough; this test brings its own.
select tests.note('kept', tests.video('ada'));
select tests.note('first', tests.video('ada', interval '20 days'));
select tests.note('second', tests.video('bob', interval '20 days'));
select tests.note('later', tests.video('ada', interval '18 days'));

create function day_of(name text) returns date language sql as $$
    select (private.uuid_v7_time(tests.id(name)) at time zone 'utc')::date
$$;
create function leaf_of(name text) returns regclass language sql as $$
    select to_regclass('partitions.video_likes_' || to_char(day_of(name), 'YYYYMMDD'))
$$;

insert into private.video_files (video_id, file_id, file_path, bytes) values
(tests.id('first'), 'file-1', '/videos/2026-01-01/10/1.mp4', 1),
(tests.id('second'), 'file-2', '/videos/2026-01-01/11/2.mp4', 1),
(tests.id('later'), 'file-3', '/videos/2026-01-01/11/3.mp4', 1),
(tests.id('kept'), 'file-4', '/videos/2026-01-09/10/4.mp4', 1);
insert into public.video_likes (video_id, user_id)
select v.id, 'carol' from public.videos as v;
select tests.comment(tests.id('first'), 'carol');

select throws_ok(
    format('select private.retire_day(%L)', (now() at time zone 'utc')::date - d),
    'P0001', null, format('a day %s days ago is too young to be retired', d)
)
from unnest(array[0, 13, 14]) as d;
select is(
    private.next_day_to_retire(), day_of('second'), 'the oldest day comes first'
);

select is(
    (select array_agg(private.retire_expired_videos()) from generate_series(1, 2)),
    array[1, 1], 'the job takes the day''s leaves first, one at a time'
);
select is(leaf_of('first'), null, 'they are gone');
select isnt_empty(
    $$select from public.videos where id = tests.id('first')$$, 'and the videos still there'
);
select is(private.retire_expired_videos(), 2, 'then its videos in one batch');
select is_empty(
    $$select from public.videos where id in (tests.id('first'), tests.id('second'))$$,
    'its videos are gone'
);
select is_empty(
    $$select from public.video_comments where video_id = tests.id('first')$$,
    'with their comments'
);
select results_eq(
    $$select kind, target collate "default", reason, state from private.media_deletions order by target$$,
    $$values ('folder', '/videos/2026-01-01/10', 'retired', 'queued'),
      ('file', '/videos/2026-01-01/11/2.mp4', 'retired', 'queued')$$,
    'a folder goes whole when nothing that stays lies in it, else file by file'
);
select results_eq(
    $$select user_id, reason from private.video_tombstones order by user_id$$,
    $$values ('ada', 'expired'), ('bob', 'expired')$$,
    'tombstones say that they expired'
);
select is(
    (select count(*)::integer from public.video_likes), 2,
    'likes of other days stay'
);
select tests.sign_in('ada');
select throws_ok(
    $$select public.get_video(tests.id('first'))$$, 'PT410', 'video_expired',
    'the owner learns that it expired'
);
select tests.sign_in('bob');
select throws_ok(
    $$select public.get_video(tests.id('first'))$$, 'PT404', 'video_not_found',
    'nobody else does'
);
select tests.as_owner();
update private.video_tombstones set ended_at = now() - interval '30 days 1 second';
select tests.sign_in('ada');
select throws_ok(
    $$select public.get_video(tests.id('first'))$$, 'PT404', 'video_not_found',
    'nor the owner, after 30 days'
);

-- Evidence stays.
select tests.as_owner();
insert into private.video_holds (video_id, reason) values (tests.id('later'), 'case 1');
select is(private.next_day_to_retire(), null, 'a held video holds its day');
select is(private.retire_day(day_of('later')), 0, 'it is not taken when asked for');
select isnt(leaf_of('later'), null, 'its leaves stay');
select isnt_empty(
    $$select from public.video_likes where video_id = tests.id('later')$$,
    'and its likes'
);
delete from private.video_holds;
create function retired() returns integer language plpgsql as $$
declare
    v_done integer;
    v_all integer := 0;
begin
    loop
        v_done := private.retire_expired_videos();
        exit when v_done = 0;
        v_all := v_all + v_done;
    end loop;
    return v_all;
end
$$;
select is(retired(), 3, 'released, it goes, after its two leaves');
select is_empty(
    $$select from private.media_deletions as m where m.target like '%/3.mp4'$$,
    'its file goes with the folder'
);
select results_eq(
    $$select target collate "default" from private.media_deletions
      where kind = 'folder' order by target$$,
    $$values ('/videos/2026-01-01/10'), ('/videos/2026-01-01/11')$$,
    'which now holds nothing else'
);

-- Videos without leaves, as after an interrupted run; a hold on another day has no say.
select tests.note('bare', tests.video('ada', interval '17 days'));
select tests.drop_day(day_of('bare'));
insert into private.video_holds (video_id, reason) values (tests.id('kept'), 'case 2');
select is(private.next_day_to_retire(), day_of('bare'), 'a day may have lost its leaves');
select is(private.retire_expired_videos(), 1, 'its videos are taken all the same');
select tests.note('elsewhere', tests.video('ada', interval '16 days'));
select retired();
select is(leaf_of('elsewhere'), null, 'a video held on another day keeps no leaves');
delete from private.video_holds;
delete from private.video_tombstones;

-- Leaves without videos, and videos aged by hand.
select private.ensure_day('2026-01-02');
select is(retired(), 2, 'leaves without videos are progress too');
select is(to_regclass('partitions.video_likes_20260102'), null, 'they are dropped');
select tests.note('aged', tests.video(
    'ada', interval '14 days 2 seconds', id_age => interval '1 hour'
));
select tests.note('young', tests.video(
    'ada', interval '14 days -2 seconds', id_age => interval '1 hour'
));
insert into private.video_files (video_id, file_id, file_path, bytes)
values (tests.id('aged'), 'file-5', '/videos/2026-01-09/10/5.mp4', 1);
select is(private.retire_expired_videos(), 1, 'a video aged by hand is taken by its date');
select set_eq(
    'select id from public.videos', array[tests.id('kept'), tests.id('young')],
    'and a younger one is not'
);
select is(
    (select reason from private.media_deletions where target like '%/5.mp4'), 'retired',
    'its file is ordered deleted'
);
select is(
    (select reason from private.video_tombstones where video_id = tests.id('aged')),
    'expired', 'and its tombstone says that it expired'
);
select is(private.retire_expired_videos(), 0, 'then there is nothing left to do');

-- The retention is a setting.
select ops.set_setting('retention', '1 day');
select tests.note('yesterday', tests.video('bob', interval '1 day 2 seconds'));
select tests.as_anonymous();
select is_empty(
    $$select from public.video_feed where id = tests.id('yesterday')$$,
    'a shorter retention works at once'
);
select tests.as_owner();
select ops.set_setting('retention', '2 days');
select tests.as_anonymous();
select results_eq(
    $$select expires_at - created_at > interval '47 hours' from public.video_feed
      where id = tests.id('yesterday')$$,
    $$values (true)$$,
    'a longer one brings back what is not yet taken'
);

select * from finish();
rollback;
