-- Videos, and what belongs to each of them alone.

create table public.videos (
    id uuid not null,
    title text,
    description text,
    video_url text not null,
    thumbnail_url text,
    user_id text not null,
    views_count bigint not null default 0,
    likes_count bigint not null default 0,
    comments_count bigint not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    hidden_at timestamptz,
    deleted_at timestamptz,
    constraint videos_pkey primary key (id),
    constraint videos_views_count_positive check (views_count >= 0),
    constraint videos_likes_count_positive check (likes_count >= 0),
    constraint videos_comments_count_positive check (comments_count >= 0),
    constraint videos_title_length check (char_length(title) <= 200),
    constraint videos_title_visible
    check (
        title ~ '[^[:space:][:cntrl:]\u00A0\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0]' -- noqa: LT05
    ),
    constraint videos_description_length check (char_length(description) <= 2000),
    constraint videos_description_visible
    check (
        description ~ '[^[:space:][:cntrl:]\u00A0\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0]' -- noqa: LT05
    ),
    -- The id's first 48 bits are its time in milliseconds. An administrator can age a
    -- row; nobody can prolong its life.
    constraint videos_created_at_not_after_id
    check (
        extract(epoch from created_at) * 1000
        <= ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint + 1000
    )
)
-- Folding rewrites a row about once in 32 likes: room for HOT updates, early vacuum.
with (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 500
);

alter table public.videos
add constraint videos_user_id_fkey foreign key (user_id)
references public.user_profiles (user_id) on delete cascade;

create index videos_user_id_id_idx on public.videos (user_id, id desc);

-- The purge looks for marked videos, of which there are few.
create index videos_deleted_at_idx on public.videos (deleted_at)
where deleted_at is not null;

-- Finds rows that an administrator aged by hand; some kilobytes for millions of rows.
create index videos_created_at_idx on public.videos
using brin (created_at) with (pages_per_range = 16, autosummarize = on);

comment on table public.videos is
'Published videos. Made by publishing an upload, never by a plain insert of a client.';
comment on column public.videos.id is
'UUIDv7 of the moment of publication: orders the feed and tells the age.';
comment on column public.videos.title is
'Up to 200 characters, trimmed, NFC, one line; null when there is none.';
comment on column public.videos.description is
'Up to 2000 characters, trimmed, NFC; null when there is none.';
comment on column public.videos.video_url is
'Where to play it; built from the file''s path at ImageKit.';
comment on column public.videos.thumbnail_url is
'A still picture the owner uploaded; null when there is none.';
comment on column public.videos.views_count is
'Folded base; exact only together with private.video_deltas, as in video_feed.';
comment on column public.videos.likes_count is
'Folded base; exact only together with private.video_deltas, as in video_feed.';
comment on column public.videos.comments_count is
'Folded base; exact only together with private.video_deltas, as in video_feed.';
comment on column public.videos.created_at is
'Publication. A video is gone for readers once this or its id is older than retention.';
comment on column public.videos.updated_at is
'Last change of title or description.';
comment on column public.videos.hidden_at is
'Since when moderation hides it from everybody; null when shown.';
comment on column public.videos.deleted_at is
'Since when it is deleted for every reader; its rows and files follow later.';

create table private.video_files (
    video_id uuid not null,
    file_id text not null,
    file_path text collate "C" not null,
    folder text collate "C" not null
    generated always as (regexp_replace(file_path, '/[^/]*$', '')) stored,
    bytes bigint not null,
    thumbnail_file_id text,
    thumbnail_path text collate "C",
    thumbnail_folder text collate "C"
    generated always as (regexp_replace(thumbnail_path, '/[^/]*$', '')) stored,
    ticket_id uuid,
    constraint video_files_pkey primary key (video_id),
    constraint video_files_file_id_key unique (file_id),
    constraint video_files_file_path_key unique (file_path),
    constraint video_files_thumbnail_file_id_key unique (thumbnail_file_id),
    constraint video_files_thumbnail_path_key unique (thumbnail_path),
    constraint video_files_bytes_positive check (bytes > 0),
    constraint video_files_thumbnail_complete
    check ((thumbnail_file_id is null) = (thumbnail_path is null))
);

alter table private.video_files
add constraint video_files_video_id_fkey foreign key (video_id)
references public.videos (id) on delete cascade;

-- A retired hour's folder may be deleted whole only when nothing else lies in it.
create index video_files_folder_idx on private.video_files (folder);
create index video_files_thumbnail_folder_idx on private.video_files (thumbnail_folder)
where thumbnail_folder is not null;

comment on table private.video_files is
'The files of a video at ImageKit, hidden from clients. One row per video.';
comment on column private.video_files.file_id is
'ImageKit''s id of the video file: what a deletion names.';
comment on column private.video_files.file_path is
'Path below the URL endpoint: /videos/<UTC day>/<hour>/<ticket>.mp4.';
comment on column private.video_files.folder is
'The path without the file''s name.';
comment on column private.video_files.bytes is
'Size of the video file.';
comment on column private.video_files.thumbnail_file_id is
'ImageKit''s id of the thumbnail; null when there is none.';
comment on column private.video_files.thumbnail_path is
'Path of the thumbnail; null when there is none.';
comment on column private.video_files.thumbnail_folder is
'The thumbnail''s path without the file''s name.';
comment on column private.video_files.ticket_id is
'The upload ticket it was published with; null for a restored row.';

create table private.video_holds (
    video_id uuid not null,
    reason text not null,
    held_at timestamptz not null default now(),
    held_by text not null default session_user,
    constraint video_holds_pkey primary key (video_id),
    constraint video_holds_reason_length check (char_length(reason) between 1 and 1000)
);

-- Restrict: what is held survives every delete, also a cascading one.
alter table private.video_holds
add constraint video_holds_video_id_fkey foreign key (video_id)
references public.videos (id) on delete restrict;

comment on table private.video_holds is
'Videos kept as evidence. Neither retention nor the purge removes their rows or files.';
comment on column private.video_holds.reason is
'Why, for whoever releases it: 1 to 1000 characters.';
comment on column private.video_holds.held_by is
'The database role that placed the hold.';

create table private.video_tombstones (
    video_id uuid not null,
    user_id text not null,
    reason text not null,
    published_at timestamptz not null,
    ended_at timestamptz not null default now(),
    constraint video_tombstones_pkey primary key (video_id),
    constraint video_tombstones_reason_known
    check (reason in ('deleted', 'expired', 'removed'))
);

create index video_tombstones_ended_at_idx on private.video_tombstones (ended_at);

comment on table private.video_tombstones is
'That a video was there and why it ended, without its content; kept for 30 days.';
comment on column private.video_tombstones.reason is
'deleted by its owner, expired by retention, removed by an administrator''s delete.';
comment on column private.video_tombstones.published_at is
'The video''s created_at.';
comment on column private.video_tombstones.ended_at is
'When the row was removed.';
