-- Every constraint refuses something: with all triggers off, each is met by a statement
-- that it alone stands against.

begin;
select plan(count(*)::integer + 1)
from pg_constraint as c
where
    c.connamespace in ('public'::regnamespace, 'private'::regnamespace)
    and c.contype in ('c', 'u', 'f')
    and c.conparentid = 0;

create temporary table refused (constraint_name, statement) as
values
    (
        'settings_address_header_format',
        $$update private.settings set address_header = 'X-A'$$
    ),
    ('settings_breaker_floor_range', $$update private.settings set breaker_floor = -1$$),
    ('settings_breaker_share_range', $$update private.settings set breaker_share = 2$$),
    ('settings_bytes_per_day_range', $$update private.settings set bytes_per_day = 0$$),
    (
        'settings_finish_after_range',
        $$update private.settings set finish_after = '2 hours'$$
    ),
    (
        'settings_largest_day_factor_range',
        $$update private.settings set largest_day_factor = 1$$
    ),
    (
        'settings_largest_day_floor_range',
        $$update private.settings set largest_day_floor = -1$$
    ),
    (
        'settings_purges_per_month_range',
        $$update private.settings set purges_per_month = -1$$
    ),
    (
        'settings_upload_patience_range',
        $$update private.settings set upload_patience = '1 minute'$$
    ),
    (
        'expiry_progress_singleton_only',
        $$update private.expiry_progress set singleton = false$$
    ),
    (
        'fold_progress_singleton_only',
        $$update private.fold_progress set singleton = false$$
    ),
    (
        'purge_progress_step_known',
        $$insert into private.purge_progress (video_id, step)
          values (tests.id('held'), 'files')$$
    ),
    (
        'purge_progress_video_id_fkey',
        $$insert into private.purge_progress (video_id) values (gen_random_uuid())$$
    ),
    (
        'drift_checks_videos_positive',
        $$insert into private.drift_checks (day, videos, drifted, took)
          values ('2031-01-01', -1, 0, '0')$$
    ),
    (
        'drift_checks_drifted_positive',
        $$insert into private.drift_checks (day, videos, drifted, took)
          values ('2031-01-01', 0, -1, '0')$$
    ),
    (
        'alarms_kind_known',
        $$insert into private.alarms (kind, subject) values ('fire', 'x')$$
    ),
    (
        'alarms_times_positive',
        $$insert into private.alarms (kind, subject, times)
          values ('media_dead', 'x', 0)$$
    ),
    (
        'retirement_state_aged_approved_positive',
        $$update private.retirement_state set aged_approved = -1$$
    ),
    (
        'retirement_state_singleton_only',
        $$update private.retirement_state set singleton = false$$
    ),
    (
        'media_worker_state_purges_used_positive',
        $$update private.media_worker_state set purges_used = -1$$
    ),
    (
        'media_worker_state_singleton_only',
        $$update private.media_worker_state set singleton = false$$
    ),
    (
        'video_days_videos_positive',
        $$insert into private.video_days (day, videos) values ('2026-01-01', -1)$$
    ),
    (
        'webhook_events_id_length',
        $$insert into private.webhook_events (id, kind) values ('', 'x')$$
    ),
    (
        'settings_blocks_per_user_range',
        $$update private.settings set blocks_per_user = 0$$
    ),
    (
        'settings_deletion_grace_range',
        $$update private.settings set deletion_grace = '-1 second'$$
    ),
    (
        'settings_max_image_bytes_range',
        $$update private.settings set max_image_bytes = 0$$
    ),
    (
        'settings_max_video_bytes_range',
        $$update private.settings set max_video_bytes = 0$$
    ),
    (
        'settings_max_video_seconds_range',
        $$update private.settings set max_video_seconds = 0$$
    ),
    (
        'settings_open_tickets_per_user_range',
        $$update private.settings set open_tickets_per_user = 0$$
    ),
    (
        'settings_retention_range',
        $$update private.settings set retention = '23 hours'$$
    ),
    ('settings_singleton_only', $$update private.settings set singleton = false$$),
    (
        'settings_ticket_grace_range',
        $$update private.settings set ticket_grace = '-1 second'$$
    ),
    (
        'settings_ticket_life_range',
        $$update private.settings set ticket_life = '1 hour'$$
    ),
    (
        'settings_tickets_per_hour_range',
        $$update private.settings set tickets_per_hour = 0$$
    ),
    (
        'settings_tombstone_life_range',
        $$update private.settings set tombstone_life = '23 hours'$$
    ),
    (
        'settings_url_endpoint_format',
        $$update private.settings set url_endpoint = 'ftp://x'$$
    ),
    (
        'user_profiles_avatar_format',
        $$update public.user_profiles set avatar = 'ftp://x'$$
    ),
    (
        'user_profiles_avatar_length',
        $$update public.user_profiles set avatar = 'https://' || repeat('x', 2000)$$
    ),
    (
        'user_profiles_user_id_printable',
        $$insert into public.user_profiles (user_id) values (repeat('x', 256))$$
    ),
    (
        'user_profiles_username_format',
        $$update public.user_profiles set username = 'B b'$$
    ),
    (
        'user_profiles_username_key',
        $$update public.user_profiles set username = 'ada'$$
    ),
    (
        'user_blocks_blocked_user_id_other',
        $$update public.user_blocks set blocked_user_id = user_id$$
    ),
    (
        'user_blocks_blocked_user_id_printable',
        $$update public.user_blocks set blocked_user_id = ''$$
    ),
    (
        'user_blocks_user_id_printable',
        $$update public.user_blocks set user_id = e'a\nb'$$
    ),
    (
        'videos_comments_count_positive',
        $$update public.videos set comments_count = -1$$
    ),
    ('videos_likes_count_positive', $$update public.videos set likes_count = -1$$),
    ('videos_views_count_positive', $$update public.videos set views_count = -1$$),
    (
        'videos_created_at_not_after_id',
        $$update public.videos set created_at = created_at + interval '2 seconds'$$
    ),
    (
        'videos_description_length',
        $$update public.videos set description = repeat('x', 2001)$$
    ),
    (
        'videos_description_visible',
        $$update public.videos set description = e'\u00AD'$$
    ),
    ('videos_title_length', $$update public.videos set title = repeat('x', 201)$$),
    ('videos_title_visible', $$update public.videos set title = e'\u2800'$$),
    ('videos_user_id_fkey', $$update public.videos set user_id = 'unknown'$$),
    ('video_files_bytes_positive', $$update private.video_files set bytes = 0$$),
    (
        'video_files_thumbnail_complete',
        $$update private.video_files set thumbnail_path = null$$
    ),
    (
        'video_files_video_id_fkey',
        $$insert into private.video_files (video_id, file_id, file_path, bytes) values (private.uuid_v7(), 'f', '/videos/f', 1)$$
    ),
    ('video_files_file_id_key', $$update private.video_files set file_id = 'same'$$),
    (
        'video_files_file_path_key',
        $$update private.video_files set file_path = '/videos/same'$$
    ),
    (
        'video_files_thumbnail_file_id_key',
        $$update private.video_files set thumbnail_file_id = 'same'$$
    ),
    (
        'video_files_thumbnail_path_key',
        $$update private.video_files set thumbnail_path = '/videos/same'$$
    ),
    (
        'erasures_alias_format',
        $$insert into private.erasures (alias, user_id) values ('ada', 'ada')$$
    ),
    (
        'erasures_user_id_key',
        $$insert into private.erasures (user_id) values ('ada'), ('ada')$$
    ),
    (
        'erasures_user_id_printable',
        $$insert into private.erasures (user_id) values (e'a\nb')$$
    ),
    (
        'video_holds_erased_user_id_printable',
        $$update private.video_holds set erased_user_id = e'a\nb'$$
    ),
    ('video_holds_reason_length', $$update private.video_holds set reason = ''$$),
    (
        'video_holds_video_id_fkey',
        $$delete from public.videos where id = tests.id('held')$$
    ),
    (
        'video_tombstones_reason_known',
        $$update private.video_tombstones set reason = 'gone'$$
    ),
    ('video_likes_user_id_printable', $$update public.video_likes set user_id = ''$$),
    (
        'video_likes_video_id_fkey',
        $$insert into public.video_likes (video_id, user_id) values (private.uuid_v7(), 'bob')$$
    ),
    ('daily_salts_salt_length', $$update private.daily_salts set salt = 'abc'$$),
    (
        'trending_rank_positive',
        $$insert into private.trending (epoch, rank, video_id, score)
          values (1, 0, tests.id('held'), 1)$$
    ),
    (
        'video_comments_text_length',
        $$update public.video_comments set text = repeat('x', 1001)$$
    ),
    (
        'video_comments_text_visible',
        $$update public.video_comments set text = e'\u200B'$$
    ),
    (
        'video_comments_user_id_fkey',
        $$update public.video_comments set user_id = 'unknown'$$
    ),
    (
        'video_comments_video_id_fkey',
        $$update public.video_comments set video_id = private.uuid_v7()$$
    ),
    ('upload_tickets_bytes_positive', $$update private.upload_tickets set bytes = 0$$),
    (
        'upload_tickets_published_complete',
        $$update private.upload_tickets set state = 'published', file_id = null$$
    ),
    (
        'upload_tickets_purpose_known',
        $$update private.upload_tickets set purpose = 'film'$$
    ),
    (
        'upload_tickets_state_known',
        $$update private.upload_tickets set state = 'lost'$$
    ),
    (
        'upload_tickets_user_id_known',
        $$update private.upload_tickets set user_id = null$$
    ),
    (
        'upload_tickets_user_id_printable',
        $$update private.upload_tickets set user_id = ''$$
    ),
    (
        'upload_tickets_file_id_key',
        $$update private.upload_tickets set file_id = 'same'$$
    ),
    (
        'upload_tickets_file_path_key',
        $$update private.upload_tickets set file_name = 'same'$$
    ),
    (
        'media_deletions_attempts_positive',
        $$update private.media_deletions set attempts = -1$$
    ),
    (
        'media_deletions_file_id_given',
        $$update private.media_deletions set file_id = null$$
    ),
    (
        'media_deletions_kind_known',
        $$update private.media_deletions set kind = 'disk'$$
    ),
    (
        'media_deletions_leases_positive',
        $$update private.media_deletions set leases = -1$$
    ),
    (
        'media_deletions_reason_known',
        $$update private.media_deletions set reason = 'mood'$$
    ),
    (
        'media_deletions_state_known',
        $$update private.media_deletions set state = 'lost'$$
    ),
    (
        'media_deletions_target_format',
        $$update private.media_deletions set target = '/videos/../secret'$$
    ),
    ('video_reports_reason_length', $$update private.video_reports set reason = ''$$),
    (
        'video_reports_reporter_id_printable',
        $$update private.video_reports set reporter_id = ''$$
    ),
    (
        'video_reports_video_id_fkey',
        $$update private.video_reports set video_id = private.uuid_v7()$$
    ),
    (
        'moderation_log_action_known',
        $$update private.moderation_log set action = 'praise'$$
    ),
    (
        'rate_rules_action_format',
        $$update private.rate_rules set action = 'Like it'$$
    ),
    ('rate_rules_burst_range', $$update private.rate_rules set burst = 0$$),
    ('rate_rules_per_range', $$update private.rate_rules set per = '1 day'$$),
    (
        'suspension_log_action_known',
        $$update private.suspension_log set action = 'scold'$$
    ),
    ('user_suspensions_reason_length', $$update private.user_suspensions set reason = ''$$),
    (
        'user_suspensions_user_id_printable',
        $$update private.user_suspensions set user_id = ''$$
    );

-- Two of everything, so that there is something to clash with.
select tests.person('ada', 'ada');
select tests.person('bob', 'bob');
select tests.note('held', tests.video('ada'));
select tests.note('other', tests.video('bob'));
select tests.block('ada', 'bob');
select tests.comment(tests.id('held'), 'bob');
insert into public.video_likes (video_id, user_id) values (tests.id('held'), 'bob');
insert into private.video_files (
    video_id, file_id, file_path, bytes, thumbnail_file_id, thumbnail_path
)
select
    id, 'f-' || user_id, '/videos/' || user_id, 1, 't-' || user_id, '/videos/t-' || user_id
from public.videos;
insert into private.upload_tickets (
    id, user_id, purpose, folder, file_name, expires_at, file_id
)
select
    private.uuid_v7(), t.name, 'video', '/videos', t.name as file_name, now(),
    t.name as file_id
from unnest(array['one', 'two']) as t (name);
insert into private.video_holds (video_id, reason) values (tests.id('held'), 'case 1');
insert into private.video_tombstones (video_id, user_id, reason, published_at)
values (private.uuid_v7(), 'ada', 'deleted', now());
insert into private.daily_salts (day, salt)
values ('2031-01-01', decode(repeat('00', 32), 'hex'));
insert into private.media_deletions (kind, target, file_id, reason)
values ('file', '/videos/x', 'x', 'deleted');
insert into private.video_reports (video_id, reporter_id, reason)
values (tests.id('held'), 'bob', 'odd');
insert into private.moderation_log (video_id, action) values (tests.id('held'), 'hide');
select ops.suspend_user('carol', reason => 'spam');

select tests.as_owner();
select tests.triggers_off();

select is(
    tests.refused_by(r.statement), r.constraint_name,
    format('%s refuses %s', r.constraint_name, left(r.statement, 60))
)
from refused as r;
select is_empty(
    $$select c.conname from pg_constraint as c
      where c.connamespace in ('public'::regnamespace, 'private'::regnamespace)
          and c.contype in ('c', 'u', 'f')
          and c.conparentid = 0
          and c.conname not in (select r.constraint_name from refused as r)$$,
    'no constraint is left untried'
);

select * from finish();
rollback;
