-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint
-- squawk-ignore-file require-concurrent-index-creation
-- (One row of settings, and queues that hold hours: scanning them blocks nobody.)

-- What it takes that no upload is lost and no file outlives its row: patience for
-- ImageKit, orders that a worker leases, brakes, and alarms.

alter table private.settings
add column bytes_per_day bigint not null default 2147483648,
add column upload_patience interval not null default '24 hours',
add column finish_after interval not null default '2 minutes',
add column adaptive_streaming boolean not null default false,
add column breaker_share numeric not null default 0.05,
add column breaker_floor integer not null default 10,
add column largest_day_factor integer not null default 3,
add column largest_day_floor integer not null default 100,
add column purges_per_month integer not null default 1000;

alter table private.settings
add constraint settings_bytes_per_day_range
check (bytes_per_day between 1 and 1099511627776),
add constraint settings_upload_patience_range
check (upload_patience between interval '1 hour' and interval '7 days'),
add constraint settings_finish_after_range
check (finish_after between interval '0' and interval '1 hour'),
add constraint settings_breaker_share_range
check (breaker_share between 0 and 1),
add constraint settings_breaker_floor_range
check (breaker_floor between 0 and 1000000),
add constraint settings_largest_day_factor_range
check (largest_day_factor between 2 and 1000),
add constraint settings_largest_day_floor_range
check (largest_day_floor between 0 and 1000000),
add constraint settings_purges_per_month_range
check (purges_per_month between 0 and 1000000);

comment on column private.settings.bytes_per_day is
'Bytes one person may open uploads for within 24 hours; an upload that announces no size '
'counts as the largest allowed.';
comment on column private.settings.upload_patience is
'How long an uploaded file waits for ImageKit''s word before it is given up.';
comment on column private.settings.finish_after is
'How long a file that ImageKit reported by itself waits for the app to publish it.';
comment on column private.settings.adaptive_streaming is
'Whether new videos are played by an HLS manifest (costs video units) or as uploaded.';
comment on column private.settings.breaker_share is
'Share of all files that may lose their row unexplained within an hour; above it the '
'orders are stopped.';
comment on column private.settings.breaker_floor is
'Unexplained orders an hour that never count as too many, whatever their share.';
comment on column private.settings.largest_day_factor is
'A day with more videos than this times the median day is not retired by itself.';
comment on column private.settings.largest_day_floor is
'A day with no more videos than this is never too large.';
comment on column private.settings.purges_per_month is
'Purges of the CDN''s cache that ImageKit''s plan allows a month.';

alter table private.upload_tickets
add column thumbnail_ticket_id uuid,
add column checks integer not null default 0,
add column next_check_at timestamptz;

create index upload_tickets_next_check_at_idx
on private.upload_tickets (next_check_at) where state = 'uploaded';
create index upload_tickets_expires_at_idx
on private.upload_tickets (expires_at) where state in ('issued', 'uploaded');
create index upload_tickets_folder_idx
on private.upload_tickets (folder) where state in ('failed', 'expired');

comment on column private.upload_tickets.thumbnail_ticket_id is
'The thumbnail to publish with, while the ticket is uploaded and waits.';
comment on column private.upload_tickets.checks is
'How often ImageKit was asked about it in the background.';
comment on column private.upload_tickets.next_check_at is
'When ImageKit is asked next: about the file while uploaded, about the folder while '
'failed or expired.';

-- The new constraints allow all that the old ones did, and more.
alter table private.media_deletions
add column note text,
drop constraint media_deletions_kind_known,
drop constraint media_deletions_file_id_given,
drop constraint media_deletions_target_format,
drop constraint media_deletions_reason_known,
drop constraint media_deletions_state_known;

alter table private.media_deletions
add constraint media_deletions_kind_known
check (kind in ('file', 'folder', 'purge')),
add constraint media_deletions_file_id_given
check (kind <> 'file' or file_id is not null),
add constraint media_deletions_target_format
check (
    target ~ '^/(videos|avatars)/[A-Za-z0-9._/-]+\*?$' and target !~ '\.\.'
),
add constraint media_deletions_reason_known
check (
    reason in (
        'deleted', 'moderated', 'retired', 'unexplained', 'failed', 'expired',
        'replaced', 'erased', 'orphan'
    )
),
add constraint media_deletions_state_known
check (state in ('queued', 'stopped', 'done', 'dead', 'cancelled'));

-- What the breaker counts.
create index media_deletions_created_at_idx
on private.media_deletions (created_at) where reason = 'unexplained';

comment on column private.media_deletions.kind is
'file, folder for a retired hour, or purge of the CDN''s cache.';
comment on column private.media_deletions.reason is
'deleted by the owner, moderated, retired by age, unexplained (the row vanished another '
'way), failed or expired upload, replaced avatar, erased account, orphan (a file '
'nobody knows).';
comment on column private.media_deletions.state is
'queued, stopped by the breaker, done, dead (given up), cancelled (wanted again).';
comment on column private.media_deletions.note is
'What came of it, when there is more to say than done.';

create table private.media_worker_state (
    singleton boolean default true,
    paused_until timestamptz,
    stopped_at timestamptz,
    stop_reason text,
    purge_month date,
    purges_used integer not null default 0,
    constraint media_worker_state_pkey primary key (singleton),
    constraint media_worker_state_singleton_only check (singleton),
    constraint media_worker_state_purges_used_positive check (purges_used >= 0)
);

comment on table private.media_worker_state is
'What all deletion workers must know, in one row: pauses, stops, the purge budget.';
comment on column private.media_worker_state.singleton is
'Always true: there is one row.';
comment on column private.media_worker_state.paused_until is
'ImageKit asked for patience (429): nobody calls it before.';
comment on column private.media_worker_state.stopped_at is
'ImageKit refused the key: nobody calls it until ops.start_media().';
comment on column private.media_worker_state.stop_reason is
'What ImageKit said when it refused.';
comment on column private.media_worker_state.purge_month is
'First day of the month that purges_used counts.';

comment on column private.media_worker_state.purges_used is
'Purges ImageKit has accepted in purge_month.';

insert into private.media_worker_state default values;

create table private.alarms (
    id bigint generated always as identity,
    kind text not null,
    subject text not null,
    detail text,
    times integer not null default 1,
    raised_at timestamptz not null default now(),
    last_raised_at timestamptz not null default now(),
    settled_at timestamptz,
    constraint alarms_pkey primary key (id),
    constraint alarms_kind_known
    check (
        kind in (
            'file_overwritten', 'file_missing', 'media_stopped', 'media_dead',
            'deletions_stopped', 'day_too_large'
        )
    ),
    constraint alarms_times_positive check (times > 0)
);

create unique index alarms_kind_subject_idx
on private.alarms (kind, subject) where settled_at is null;

comment on table private.alarms is
'What needs a person. One open row per kind and subject; read them in ops.alarms.';
comment on column private.alarms.kind is
'What is wrong.';
comment on column private.alarms.subject is
'The path, day or order it is about.';
comment on column private.alarms.detail is
'A sentence, and what to type.';
comment on column private.alarms.times is
'How often it was raised while open.';

create table private.webhook_events (
    id text not null,
    kind text not null,
    received_at timestamptz not null default now(),
    constraint webhook_events_pkey primary key (id),
    constraint webhook_events_id_length check (char_length(id) between 1 and 255)
);

create index webhook_events_received_at_idx on private.webhook_events (received_at);

comment on table private.webhook_events is
'Webhooks that were taken, so that each has one effect. Forgotten after a week.';
comment on column private.webhook_events.id is 'ImageKit''s id of the event.';
comment on column private.webhook_events.kind is 'ImageKit''s type, as file.created.';

create table private.video_days (
    day date not null,
    videos bigint not null,
    counted_at timestamptz not null default now(),
    approved_at timestamptz,
    constraint video_days_pkey primary key (day),
    constraint video_days_videos_positive check (videos >= 0)
);

comment on table private.video_days is
'How many videos each past UTC day brought, to tell an unusual one before it is retired.';
comment on column private.video_days.day is
'A UTC day that is over.';
comment on column private.video_days.videos is
'Videos of the day that were there when it was counted.';
comment on column private.video_days.approved_at is
'When an administrator said that a day this large is right (ops.approve_day).';

alter table private.moderation_log
drop constraint moderation_log_action_known;
alter table private.moderation_log
add constraint moderation_log_action_known
check (action in ('hide', 'show', 'remove'));
comment on column private.moderation_log.action is
'hide, show or remove.';
