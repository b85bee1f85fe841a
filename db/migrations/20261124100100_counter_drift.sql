-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint
-- (Tables that hold hours: scanning them blocks nobody.)

-- What counting leaves behind: where its jobs stopped, and whether counters are right.

create table private.fold_progress (
    singleton boolean not null default true,
    folded_up_to uuid,
    constraint fold_progress_pkey primary key (singleton),
    constraint fold_progress_singleton_only check (singleton)
);

comment on table private.fold_progress is
'Where fold_pending() goes on, in one row. Whoever holds it is the one that folds.';
comment on column private.fold_progress.singleton is
'Always true: there is one row.';
comment on column private.fold_progress.folded_up_to is
'The last video of the batch before; null when the next begins anew.';

insert into private.fold_progress default values;

-- Rows that were deleted stay in the index until nobody may see them any more. A purge
-- that began at the index's start each time would read them again with every batch.
create table private.purge_progress (
    video_id uuid not null,
    step text not null default 'likes',
    purged_up_to text not null default '',
    constraint purge_progress_pkey primary key (video_id),
    constraint purge_progress_step_known
    check (step in ('likes', 'comments', 'viewers'))
);

alter table private.purge_progress
add constraint purge_progress_video_id_fkey foreign key (video_id)
references public.videos (id) on delete cascade;

comment on table private.purge_progress is
'How far purge_deleted_videos() has come with a deleted video.';
comment on column private.purge_progress.step is
'Which of its rows are being removed: likes, comments, viewers.';
comment on column private.purge_progress.purged_up_to is
'The last person, comment or viewer of this step whose rows are gone.';

create table private.drift_checks (
    day date not null,
    checked_at timestamptz not null default clock_timestamp(),
    videos bigint not null,
    drifted bigint not null,
    took interval not null,
    constraint drift_checks_pkey primary key (day, checked_at),
    constraint drift_checks_videos_positive check (videos >= 0),
    constraint drift_checks_drifted_positive check (drifted >= 0)
);

create index drift_checks_checked_at_idx on private.drift_checks (checked_at);

comment on table private.drift_checks is
'What check_drift() found, one UTC day a row; kept for 90 days.';
comment on column private.drift_checks.day is
'The UTC day whose videos were counted.';
comment on column private.drift_checks.videos is
'How many videos it had.';
comment on column private.drift_checks.drifted is
'How many of their counters differed from the rows they count. Must be 0.';
comment on column private.drift_checks.took is
'How long counting took.';

alter table private.alarms
drop constraint alarms_kind_known;

alter table private.alarms
add constraint alarms_kind_known
check (
    kind in (
        'file_overwritten', 'file_missing', 'media_stopped', 'media_dead',
        'deletions_stopped', 'day_too_large', 'counter_drift'
    )
);
