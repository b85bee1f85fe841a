-- squawk-ignore-file constraint-missing-not-valid, ban-drop-constraint
-- squawk-ignore-file require-concurrent-index-creation
-- squawk-ignore-file require-concurrent-index-deletion
-- (Alarms and the log of moderation hold some rows, tombstones a month's.)

-- Retention as a job that can be watched, stopped and held.

create table private.retirement_state (
    singleton boolean default true,
    aged_approved bigint not null default 0,
    constraint retirement_state_pkey primary key (singleton),
    constraint retirement_state_singleton_only check (singleton),
    constraint retirement_state_aged_approved_positive check (aged_approved >= 0)
);

comment on table private.retirement_state is
'What retirement must remember from run to run, in one row.';
comment on column private.retirement_state.singleton is
'Always true: there is one row.';
comment on column private.retirement_state.aged_approved is
'How many rows aged by hand may still go though they are many (ops.approve_aged_videos).';

insert into private.retirement_state default values;

alter table private.alarms
drop constraint alarms_kind_known;
alter table private.alarms
add constraint alarms_kind_known
check (
    kind in (
        'file_overwritten', 'file_missing', 'media_stopped', 'media_dead',
        'deletions_stopped', 'day_too_large', 'counter_drift', 'too_many_aged'
    )
);

alter table private.moderation_log
drop constraint moderation_log_action_known;
alter table private.moderation_log
add constraint moderation_log_action_known
check (action in ('hide', 'show', 'remove', 'hold', 'release'));
comment on column private.moderation_log.action is
'hide, show, remove, hold or release.';

-- Tombstones are appended in the order in which they are forgotten: some kilobytes
-- instead of a fifth of what retiring a video writes.
drop index private.video_tombstones_ended_at_idx;
create index video_tombstones_ended_at_idx on private.video_tombstones
using brin (ended_at) with (pages_per_range = 16, autosummarize = on);
