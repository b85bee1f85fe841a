-- What is known about messages that were sent to those who watch live.

-- Unlogged: a crash empties it, and then each video's next change is sent at once.
-- Half-full pages leave room to update a row where it lies; with a fixed threshold
-- vacuum comes as often for a large table as for a small one.
create unlogged table private.video_announcements (
    video_id uuid not null,
    sent_at timestamptz not null,
    views bigint not null,
    likes bigint not null,
    comments bigint not null,
    constraint video_announcements_pkey primary key (video_id)
) with (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_analyze_scale_factor = 0,
    autovacuum_analyze_threshold = 1000
);

comment on table private.video_announcements is
'Which counts of a video were sent last, and when. Whoever sends has the row, and nobody '
'waits for it. No row: nothing was sent for an hour. Nothing that reads may look here: a '
'standby cannot.';
comment on column private.video_announcements.sent_at is
'When they were sent.';
comment on column private.video_announcements.views is 'The views that were sent.';
comment on column private.video_announcements.likes is 'The likes that were sent.';
comment on column private.video_announcements.comments is
'The comments that were sent.';

create table private.video_removals (
    video_id uuid not null,
    is_moderated boolean not null,
    constraint video_removals_pkey primary key (video_id)
);

comment on table private.video_removals is
'Videos that are gone for readers, of which those who watch are still to be told: many at '
'once, or expired. Rows live seconds.';
comment on column private.video_removals.is_moderated is
'Moderation took it away, so its owner is told too.';

create table private.expiry_progress (
    singleton boolean not null default true,
    announced_up_to timestamptz not null,
    constraint expiry_progress_pkey primary key (singleton),
    constraint expiry_progress_singleton_only check (singleton)
);

comment on table private.expiry_progress is
'How far announce_removals() has come with what expires, in one row. Whoever holds it is '
'the one that announces.';
comment on column private.expiry_progress.singleton is
'Always true: there is one row.';
comment on column private.expiry_progress.announced_up_to is
'Videos published up to this moment have expired, and that was announced.';

-- What has expired before there were announcements is not announced.
insert into private.expiry_progress (announced_up_to)
select now() - s.retention
from private.settings as s
where s.singleton;
