-- A deleted video is gone at once; its files are ordered deleted in the same breath,
-- its rows follow.

begin;
select plan(35);

select ops.set_setting('url_endpoint', 'https://ik.imagekit.io/demo');
select tests.note('video', tests.published('ada', with_thumbnail => true));

select tests.note('bystander', tests.video('carol', interval '1 hour'));

select tests.sign_in('bob');
select public.like_video(tests.id('bystander'));
select public.add_video_comment(tests.id('bystander'), 'nice too');
select public.record_view(tests.id('bystander'));
select public.like_video(tests.id('video'));
select public.add_video_comment(tests.id('video'), 'nice');
select public.record_view(tests.id('video'));
select throws_ok(
    $$select public.delete_video(tests.id('video'))$$,
    'PT404', 'video_not_found', 'nobody deletes the video of another'
);
select tests.as_anonymous();
select throws_ok(
    $$select public.delete_video(tests.id('video'))$$,
    '42501', null, 'nobody deletes without a token'
);

select tests.sign_in('ada');
select lives_ok(
    $$select public.delete_video(tests.id('video'))$$, 'the owner deletes her video'
);
select lives_ok(
    $$select public.delete_video(tests.id('video'))$$, 'asking again is fine'
);
select throws_ok(
    $$select public.delete_video(gen_random_uuid())$$,
    'PT404', 'video_not_found', 'a video that never was cannot be deleted'
);
select tests.sign_in('bob');
select throws_ok(
    $$select public.get_video(tests.id('video'))$$,
    'PT404', 'video_not_found', 'from then on it is there for nobody'
);
select throws_ok(
    $$select public.delete_video(tests.id('video'))$$,
    'PT404', 'video_not_found', 'a stranger does not learn that it was there'
);

select tests.as_owner();
select results_eq(
    $$select m.kind, m.target, m.file_id, m.reason, m.state, m.not_before
      from private.media_deletions as m order by m.target like '%.jpg'$$,
    $$select 'file', f.path, f.id, 'deleted', 'queued', now()
      from private.video_files as v
      cross join lateral (
          values (v.file_path, v.file_id), (v.thumbnail_path, v.thumbnail_file_id)
      ) as f (path, id)$$,
    'both of its files are ordered deleted, at once'
);

-- Taking the mark back, as an administrator may.
insert into private.media_deletions (kind, target, file_id, reason, state)
select 'file', '/videos/of-another.mp4', 'another', 'deleted', 'queued'
union all
select 'folder', f.file_path, null, 'retired', 'queued' from private.video_files as f
union all
select 'file', f.file_path, f.file_id, 'deleted', e.state
from private.video_files as f
cross join unnest(array['dead', 'done', 'stopped']) as e (state);
update public.videos set deleted_at = null where id = tests.id('video');
select results_eq(
    $$select reason, state, count(*)::integer from private.media_deletions
      group by reason, state order by reason, state$$,
    $$values ('deleted', 'cancelled', 5), ('deleted', 'queued', 1),
      ('retired', 'queued', 1)$$,
    'a video that is restored keeps its files: all orders to delete them are cancelled, '
    'and no other is touched'
);
select results_eq(
    $$select kind, subject from ops.alarms$$,
    $$select 'file_missing', file_path collate "default" from private.video_files$$,
    'that one was carried out already is an alarm'
);
delete from private.media_deletions where state <> 'cancelled';
update public.videos set deleted_at = now() where id = tests.id('video');
select is(
    (select count(*)::integer from private.media_deletions where state = 'queued'), 2,
    'and loses them when it is deleted again'
);

-- The rows go in batches, children first.
insert into private.video_holds (video_id, reason) values (tests.id('video'), 'case 1');
select is(private.purge_deleted_videos(), 0, 'a held video keeps its rows');
delete from private.video_holds where video_id = tests.id('video');
select is(private.purge_deleted_videos(), 1, 'the purge takes the likes first');
select is(private.purge_deleted_videos(), 1, 'then the comments');
select is(private.purge_deleted_videos(), 1, 'then the viewers');
select is(private.purge_deleted_videos(), 1, 'then the video');
select is(private.purge_deleted_videos(), 0, 'and then there is nothing left to do');
select is_empty(
    format('select from %s where video_id = %L', t, tests.id('video')),
    'nothing of it is left in ' || t
)
from unnest(array[
    'public.video_likes', 'public.video_comments', 'private.video_viewers',
    'private.video_files'
]) as t;
select results_eq(
    $$select views_count, likes_count, comments_count from public.video_feed
      where id = tests.id('bystander')$$,
    'values (1::bigint, 1::bigint, 1::bigint)',
    'another video that the same person liked keeps everything'
);
select results_eq(
    'select user_id, reason from private.video_tombstones',
    $$values ('ada', 'deleted')$$,
    'a tombstone remembers whose it was and why it went'
);
select is(
    (select count(*)::integer from private.media_deletions where state = 'queued'), 2,
    'the files are not ordered twice'
);
select tests.sign_in('ada');
select lives_ok(
    $$select public.delete_video(tests.id('video'))$$,
    'when the rows are gone, asking again is still fine for the owner'
);
select tests.sign_in('bob');
select throws_ok(
    $$select public.delete_video(tests.id('video'))$$,
    'PT404', 'video_not_found', 'and for nobody else'
);
select tests.as_owner();
update private.video_tombstones set reason = 'expired';
select tests.sign_in('ada');
select throws_ok(
    $$select public.delete_video(tests.id('video'))$$,
    'PT410', 'video_expired', 'what has expired cannot be deleted any more'
);
select tests.as_owner();
update private.video_tombstones set reason = 'deleted';

-- A row that vanishes any other way.
select tests.note('other', tests.published('ada'));
delete from private.media_deletions;
insert into private.media_deletions (kind, target, file_id, reason)
values ('file', '/videos/of-another.mp4', 'another', 'deleted');
create temporary table saved as
select * from private.video_files where video_id = tests.id('other');
create temporary table saved_video as
select * from public.videos where id = tests.id('other');
delete from public.videos where id = tests.id('other');
select results_eq(
    $$select reason, state, not_before from private.media_deletions
      where file_id <> 'another'$$,
    $$values ('unexplained', 'queued', now() + interval '24 hours')$$,
    'files of a row that vanished in psql wait for a day'
);
select is(
    (select reason from private.video_tombstones where video_id = tests.id('other')),
    'removed', 'its tombstone says that it was removed'
);
insert into private.media_deletions (kind, target, file_id, reason, state)
select 'folder', s.file_path, null, 'retired', 'queued' from saved as s
union all
select 'file', s.file_path, s.file_id, 'deleted', e.state
from saved as s
cross join unnest(array['dead', 'done', 'stopped']) as e (state);
insert into public.videos select * from saved_video;
insert into private.video_files (
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path, ticket_id
)
select
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path, ticket_id
from saved;
select results_eq(
    $$select reason, state from private.media_deletions order by reason, state$$,
    $$values ('deleted', 'cancelled'), ('deleted', 'cancelled'), ('deleted', 'cancelled'),
      ('deleted', 'queued'), ('retired', 'queued'), ('unexplained', 'cancelled')$$,
    'a restore within that day saves them, and touches no other order'
);
delete from private.media_deletions where kind = 'folder';
delete from public.videos where id = tests.id('other');
select is(
    (
        select count(*)::integer from private.media_deletions
        where reason = 'unexplained' and state = 'queued'
    ),
    1, 'what vanishes once more is ordered once more, whatever was carried out before'
);
insert into public.videos select * from saved_video;
insert into private.video_files (
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path, ticket_id
)
select
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path, ticket_id
from saved;
delete from private.media_deletions where state <> 'cancelled';
update public.videos set deleted_at = now() where id = tests.id('other');
delete from public.videos where id = tests.id('other');
select results_eq(
    $$select reason from private.media_deletions where state = 'queued'$$,
    $$values ('deleted')$$,
    'an order given for a reason is not replaced by an unexplained one'
);

-- Forgetting.
update private.video_tombstones set ended_at = now() - interval '30 days 1 second'
where video_id = tests.id('other');
select is(private.prune_tombstones(), 1, 'a tombstone is forgotten after 30 days');
select is(private.prune_tombstones(), 0, 'and not before');

select throws_ok(
    $$insert into private.media_deletions (kind, target, file_id, reason)
      values ('file', '/videos/../secret', 'x', 'deleted')$$,
    '23514', null, 'an order cannot climb out of its folder'
);

select * from finish();
rollback;
