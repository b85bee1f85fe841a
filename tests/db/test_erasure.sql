-- Who asks for it is erased: files ordered deleted, counters exact, evidence kept, in one
-- transaction as far as it is not too much, and hidden from everybody at once.

begin;
select plan(44);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.person('zoe', 'zoe');
select tests.note('adas', tests.video('ada'));
select tests.note('zoes', tests.published('zoe', with_thumbnail => true));
select tests.note('held', tests.published('zoe'));
select tests.note('gone', tests.published('zoe'));
insert into private.video_holds (video_id, reason) values (tests.id('held'), 'case 1');

select tests.as_media_worker();
select tests.note('avatar', (private.open_upload('zoe', 'avatar')).ticket_id);
select tests.note('open', (private.open_upload('zoe')).ticket_id);
do $$
begin
    perform private.publish_avatar(
        'zoe', tests.id('avatar'), tests.details(tests.id('avatar'))
    );
end
$$;

select tests.sign_in('bob');
select public.like_video(tests.id('zoes'));
select public.add_video_comment(tests.id('zoes'), 'from bob');
select public.like_video(tests.id('adas'));
select public.add_video_comment(tests.id('adas'), 'from bob');
select public.record_view(tests.id('adas'));
select tests.sign_in('zoe');
select public.delete_video(tests.id('gone'));
select public.like_video(tests.id('adas'));
select public.add_video_comment(tests.id('adas'), 'from zoe');
select public.record_view(tests.id('adas'));
select public.report_video(tests.id('adas'), 'odd');
select public.block_user('mallory');
select tests.as_owner();
select tests.block('carol', 'zoe');

create temporary table files as
select f.video_id, f.file_path
from private.video_files as f
union all
select f.video_id, f.thumbnail_path
from private.video_files as f
where f.thumbnail_path is not null;
create temporary table avatars as
select t.file_path from private.upload_tickets as t where t.id = tests.id('avatar');
grant select on files, avatars to public;

select tests.as_anonymous();
select throws_ok('select public.erase_me()', '42501', null, 'the anonymous erase nobody');
select tests.as_service();
select throws_ok(
    'select public.erase_me()', 'PT401', 'sign_in_required', 'nor does the service key'
);

select tests.sign_in('zoe');
select is(public.erase_me(), true, 'zoe is erased at once');

select tests.sign_in('bob');
select is_empty(
    $$select from public.user_profiles where user_id = 'zoe' or username = 'zoe'$$,
    'her profile is gone, and nobody has her name'
);
select results_eq(
    'select id from public.video_feed', $$values (tests.id('adas'))$$,
    'her videos are gone for everybody'
);
select results_eq(
    'select text from public.video_comments', $$values ('from bob')$$,
    'and her comments'
);
select results_eq(
    $$select likes_count, comments_count, views_count from public.video_feed$$,
    $$values (1::bigint, 1::bigint, 2::bigint)$$,
    'likes and comments count for less; a view was a view'
);
select tests.as_owner();
select is(
    (select count(*) from private.video_viewers where video_id = tests.id('adas')),
    2::bigint, 'views are as many as their rows'
);
select results_eq(
    $$select viewer_key ~ '^erased:[0-9a-f-]{36}$' from private.video_viewers
      where viewer_key <> 'user:bob'$$,
    'values (true)', 'of which one says nothing of its viewer'
);
select is_empty(
    $$select from private.video_reports$$, 'her reports are gone'
);
select results_eq(
    $$select user_id, blocked_user_id from public.user_blocks$$,
    $$values ('carol', 'zoe')$$,
    'her blocks too; but who blocked her stays safe from her'
);
select set_eq(
    $$select m.target from private.media_deletions as m
      where m.state = 'queued' and m.reason = 'erased'$$,
    $$select file_path from files union all select file_path from avatars$$,
    'all her files are ordered deleted in the same transaction, for this reason'
);
select is(
    (select state from private.upload_tickets where id = tests.id('open')), 'expired',
    'what she was uploading is swept'
);
select is(
    (select user_id from public.videos where id = tests.id('held'))
    ~ '^erased:[0-9a-f-]{36}$',
    true, 'a held video stays, and its row names nobody'
);
select is(
    (select erased_user_id from private.video_holds), 'zoe', 'but the hold says whose it was'
);
select is_empty(
    $$select from private.erasures where user_id is not null$$, 'nobody waits any more'
);
select is(private.erase_people(), 0, 'the job has nothing to do as long as rows are left');
select isnt_empty(
    $$select from private.erasures$$, 'the alias of her videos is kept as long'
);

-- The worker leaves the evidence alone; the purge takes the rest.
select tests.as_media_worker();
select is_empty(
    $$select target from private.lease_media('file')
      intersect select file_path from files where video_id = tests.id('held')$$,
    'the files of the held video are not deleted'
);
select tests.as_owner();
do $$ begin while private.purge_deleted_videos() > 0 loop end loop; end $$;
select results_eq(
    $$select id from public.videos order by id$$,
    $$select v from unnest(array[tests.id('adas'), tests.id('held')]) as v order by v$$,
    'the purge takes the rows of the others'
);
select is_empty(
    $$select from private.video_tombstones where user_id = 'zoe'$$,
    'tombstones name nobody'
);
select is_empty(
    $$select from private.media_deletions where reason = 'unexplained'$$,
    'nothing vanished unexplained'
);
select is(private.erase_people(), 0, 'the held video is still somebody''s');
delete from private.video_holds;
do $$ begin while private.purge_deleted_videos() > 0 loop end loop; end $$;
select is(private.erase_people(), 1, 'once released it is purged, and its alias forgotten');
select is_empty($$select from private.erasures$$, 'and the erasure is over');
select is_empty(
    $$select from public.user_profiles where user_id like 'erased:%'$$,
    'with the profile of the alias'
);
select is(private.erase_people(), 0, 'and the job has nothing to do');

-- Again, and a new beginning.
select tests.sign_in('zoe');
select is(public.erase_me(), true, 'erasing again is fine');
select is_empty($$select from public.user_profiles where user_id = 'zoe'$$, 'without a trace');
select public.add_video_comment(tests.id('adas'), 'back again');
select results_eq(
    $$select username, verified from public.my_profile()$$,
    $$values (null::text, false)$$,
    'who writes with a token that is still good begins anew'
);
select is(
    (select count(*) from public.video_comments where user_id = 'zoe'), 1::bigint,
    'and has what he writes then, and nothing of before'
);
select is(public.erase_me(), true, 'which can be erased in turn');

-- Too much for one statement.
select tests.as_media_worker();
select tests.note('avatar', (private.open_upload('zoe', 'avatar')).ticket_id);
do $$
begin
    perform private.publish_avatar(
        'zoe', tests.id('avatar'), tests.details(tests.id('avatar'))
    );
end
$$;
select tests.as_owner();
select tests.person('zoe', 'zoe');
delete from private.media_deletions;
select tests.note('zoes', tests.video('zoe'));
insert into public.video_likes (video_id, user_id)
select tests.video('ada', n * interval '1 minute'), 'zoe' from generate_series(1, 3) as n;
insert into public.video_likes (video_id, user_id) values (tests.id('zoes'), 'bob');
insert into public.video_comments (id, video_id, user_id, text)
select private.uuid_v7(), tests.id('adas'), 'zoe', 'spam' from generate_series(1, 3);
insert into public.user_blocks (user_id, blocked_user_id)
select 'zoe', 'user ' || n from generate_series(1, 3) as n;
insert into private.erasures (user_id) values ('zoe');

select is(private.erase_person('zoe', 2), 2, 'a batch has as many rows as asked for');
select results_eq(
    $$select username, avatar from public.user_profiles where user_id = 'zoe'$$,
    'values (null::text, null::text)', 'name and picture go with the first'
);
select results_eq(
    $$select target, reason from private.media_deletions$$,
    $$select file_path, 'erased' from private.upload_tickets
      where id = tests.id('avatar')$$,
    'the picture''s file too'
);
select is(
    (select count(*) from public.video_likes where user_id = 'zoe'), 2::bigint,
    'videos come first, then likes'
);
select tests.sign_in('bob');
select is_empty(
    $$select from public.video_comments where user_id = 'zoe'$$,
    'what waits to be erased is seen by nobody'
);
select tests.as_anonymous();
select is_empty(
    $$select from public.video_comments where user_id = 'zoe'$$, 'the anonymous neither'
);
select tests.sign_in('zoe');
select is_empty(
    $$select from public.video_comments where user_id = 'zoe'$$, 'nor by zoe herself'
);
select tests.sign_in('ada');
select is_empty(
    $$select from public.video_likes where user_id = 'zoe'$$,
    'nor her likes by those whose videos she likes'
);
select tests.as_owner();
select is(private.erase_people(), 9, 'the job does the rest');
select is(private.erase_people(), 0, 'and leaves the alias to the purge');
select is_empty(
    $$select from public.user_blocks where user_id = 'zoe'
      union all select from public.video_likes where user_id = 'zoe'
      union all select from public.user_profiles where user_id = 'zoe'$$,
    'until nothing is left'
);
select is_empty(
    $$select v.id from public.videos as v
      cross join lateral (
          select sum(d.likes) as likes, sum(d.comments) as comments
          from private.video_deltas as d where d.video_id = v.id
      ) as d
      where v.likes_count + coalesce(d.likes, 0) <> (
          select count(*) from public.video_likes as l where l.video_id = v.id)
      or v.comments_count + coalesce(d.comments, 0) <> (
          select count(*) from public.video_comments as c where c.video_id = v.id)$$,
    'every counter is what it counts'
);

select * from finish();
rollback;
