-- What people report, and what administrators do about it.

create table private.video_reports (
    video_id uuid not null,
    reporter_id text not null,
    reason text not null,
    created_at timestamptz not null default now(),
    constraint video_reports_pkey primary key (video_id, reporter_id),
    constraint video_reports_reporter_id_printable
    check (reporter_id ~ '^[^[:cntrl:]]{1,255}$'),
    constraint video_reports_reason_length check (char_length(reason) between 1 and 500)
);

alter table private.video_reports
add constraint video_reports_video_id_fkey foreign key (video_id)
references public.videos (id) on delete cascade;

comment on table private.video_reports is
'Complaints about videos, one per person and video. Read them in ops.reports.';
comment on column private.video_reports.reporter_id is
'Who complains; never shown to the reported.';
comment on column private.video_reports.reason is
'In the reporter''s words, 1 to 500 characters; a second report replaces them.';

create table private.moderation_log (
    id bigint generated always as identity,
    video_id uuid not null,
    action text not null,
    reason text,
    acted_by text not null default session_user,
    acted_at timestamptz not null default now(),
    constraint moderation_log_pkey primary key (id),
    constraint moderation_log_action_known check (action in ('hide', 'show'))
);

create index moderation_log_video_id_idx on private.moderation_log (video_id);

comment on table private.moderation_log is
'What administrators did to videos and why. Outlives the videos.';
comment on column private.moderation_log.action is
'hide or show.';
comment on column private.moderation_log.reason is
'Why, in the administrator''s words; null when he gave none.';
comment on column private.moderation_log.acted_by is
'The database role that acted.';
