-- What was decided, one line each: an exception to a convention, or a right given.

create view lint.allowed_definers (function_name, reason) as
values
('private.address_key', 'clients may read neither settings nor salts'),
('private.announce_removed_video', 'nobody else sends to those who watch'),
('private.announce_vanished_videos', 'nobody else sends to those who watch'),
('private.api_settings', 'media_worker holds no grant on any table'),
('private.blocked_user_ids', 'sees who blocked the caller and who is being erased'),
('private.bury_videos', 'nobody else writes tombstones'),
('private.can_see_video', 'one look past the policies it is part of'),
('private.can_listen', 'clients may not read suspensions'),
('private.cancel_restored_files', 'nobody else writes deletion orders'),
('private.cancel_video_files', 'nobody else writes deletion orders'),
('private.check_health', 'media_worker holds no grant on any table'),
('private.compare_folder', 'media_worker holds no grant on any table'),
('private.count_comments', 'no client may write counters'),
('private.count_likes', 'no client may write counters'),
('private.count_views', 'no client may write counters'),
('private.delete_video', 'no client may write deleted_at'),
('private.ensure_own_profile', 'clients may not insert profiles'),
('private.ensure_profile', 'clients may not insert profiles'),
('private.erase_me', 'erases what no client may write'),
('private.exact_likes', 'one look past the policies of videos, as can_see_video'),
('private.export_my_data', 'clients may not read most of what is theirs'),
('private.fail_upload', 'media_worker holds no grant on any table'),
('private.find_upload', 'media_worker holds no grant on any table'),
('private.finish_media', 'media_worker holds no grant on any table'),
('private.has_day', 'clients may not look into the schema of the leaves'),
('private.hold_upload', 'media_worker holds no grant on any table'),
('private.is_own_avatar', 'clients may not read tickets'),
('private.is_own_expired_video', 'clients may not read tombstones'),
('private.kill_media', 'media_worker holds no grant on any table'),
('private.lease_media', 'media_worker holds no grant on any table'),
('private.lease_sweep', 'media_worker holds no grant on any table'),
('private.lease_held_uploads', 'media_worker holds no grant on any table'),
('private.limit_blocks', 'clients may not read the settings'),
('private.lock_visible_video', 'locking a row takes the right to change it'),
('private.my_uploads', 'clients may not read tickets'),
('private.open_upload', 'media_worker holds no grant on any table'),
('private.order_erased_files', 'nobody else writes deletion orders'),
('private.order_replaced_avatar', 'nobody else writes deletion orders'),
('private.order_vanished_files', 'nobody else writes deletion orders'),
('private.order_video_files', 'nobody else writes deletion orders'),
('private.own_video_ids', 'one look past the policies it is part of'),
('private.pause_media', 'media_worker holds no grant on any table'),
('private.postpone_media', 'media_worker holds no grant on any table'),
('private.publish_avatar', 'media_worker holds no grant on any table'),
('private.publish_video', 'media_worker holds no grant on any table'),
('private.reconcile_folder', 'media_worker holds no grant on any table'),
('private.record_view', 'no client may read viewers or write counters'),
('private.refuse_suspended_viewer', 'clients may not read suspensions'),
('private.report_video', 'no client may read or write reports'),
('private.retention', 'clients may not read the settings'),
('private.skip_repeated_comment', 'sees own comments on videos now invisible'),
('private.spend_purge', 'media_worker holds no grant on any table'),
('private.spend_token', 'no client may read or write rules and states'),
('private.split_media_folder', 'media_worker holds no grant on any table'),
('private.stop_media', 'media_worker holds no grant on any table'),
('private.sweep_folder', 'media_worker holds no grant on any table'),
('private.take_webhook', 'media_worker holds no grant on any table');

comment on view lint.allowed_definers is
'Functions that run with their owner''s rights, and why they must.';

create view lint.allowed_without_admission (function_name, reason) as
values
('private.erase_me', 'who is suspended may go; it spends a token itself'),
('private.lock_visible_video', 'it writes nothing; what does, follows'),
('private.spend_token', 'it is what counts');

comment on view lint.allowed_without_admission is
'Functions with their owner''s rights that clients may call even when suspended or too '
'often, and why. What writes and is open to the suspended spends a token itself.';

create view lint.allowed_parsed_bodies (function_name, reason) as
values
('private.can_see_video', 'inlined: its first condition becomes an index condition'),
('private.clean_text', 'one expression, used in row triggers'),
('private.comment_as_json', 'inlined into the statement that answers a route'),
('private.decrement_video_comments', 'inlined into the trigger that counts'),
('private.decrement_video_likes', 'inlined into the trigger that counts'),
('private.increment_video_comments', 'inlined into the trigger that counts'),
('private.increment_video_likes', 'inlined into the trigger that counts'),
('private.is_visible_text', 'one expression, used in row triggers'),
('private.oldest_visible_at', 'inlined into policies'),
('private.oldest_visible_id', 'inlined into policies'),
('private.trending_score', 'inlined into the ranking of 20 000 videos'),
('private.utc_text', 'inlined into the objects of the routes'),
('private.uuid_v7', 'a column default: inlined'),
('private.uuid_v7_floor', 'inlined into comparisons of ids'),
('private.uuid_v7_time', 'inlined into comparisons of ages'),
('private.video_as_json', 'inlined into the statement that answers a route'),
('private.viewer_id', 'inlined into policies'),
('private.viewer_key', 'inlined into what each write asks');

comment on view lint.allowed_parsed_bodies is
'Functions with a parsed body and no pinned search path, which would keep them from '
'being inlined.';

create view lint.allowed_committers (function_name, reason) as
values
('ops.retire_day', 'a day is retired in many transactions'),
('private.repeat_job', 'each batch is a transaction');

comment on view lint.allowed_committers is
'Procedures that commit, which one that pins its search path cannot. Every name in '
'them is qualified.';

create view lint.direct_writes (object, role_name, privilege, column_name) as
-- The holder of the service key passes every policy; Supabase's own tools write so.
select
    t.object,
    'service_role' as role_name,
    p.privilege,
    null as column_name
from unnest(array[
    'public.videos', 'public.video_likes', 'public.video_comments',
    'public.user_profiles', 'public.user_blocks'
]) as t (object)
cross join unnest(array['insert', 'update', 'delete']) as p (privilege)
union all
values
('public.video_likes', 'authenticated', 'insert', 'video_id'),
('public.video_likes', 'authenticated', 'delete', null),
('public.video_comments', 'authenticated', 'insert', 'video_id'),
('public.video_comments', 'authenticated', 'insert', 'text'),
('public.video_comments', 'authenticated', 'insert', 'request_id'),
('public.video_comments', 'authenticated', 'delete', null),
('public.videos', 'authenticated', 'update', 'title'),
('public.videos', 'authenticated', 'update', 'description'),
('public.user_profiles', 'authenticated', 'update', 'username'),
('public.user_profiles', 'authenticated', 'update', 'avatar'),
('public.user_blocks', 'authenticated', 'insert', 'blocked_user_id'),
('public.user_blocks', 'authenticated', 'delete', null);

comment on view lint.direct_writes is
'What the mobile app may write without a function, and the service key. Nobody else '
'writes anything.';
