-- Likes and viewers are 95 % of all rows: one leaf a UTC day, dropped whole.
-- The key is the video's id, whose order is time, so a like lies beside its video.

create table public.video_likes (
    id uuid not null default gen_random_uuid(),
    video_id uuid not null,
    user_id text not null,
    created_at timestamptz not null default now(),
    constraint video_likes_pkey primary key (video_id, user_id),
    constraint video_likes_user_id_printable check (user_id ~ '^[^[:cntrl:]]{1,255}$')
) partition by range (video_id);

alter table public.video_likes
add constraint video_likes_video_id_fkey foreign key (video_id)
references public.videos (id) on delete cascade;

comment on table public.video_likes is
'Who likes which video, once. A person sees only his own rows.';
comment on column public.video_likes.id is
'Names the row for old apps; nothing refers to it.';

create table private.video_viewers (
    video_id uuid not null,
    viewer_key text not null,
    viewed_from timestamptz not null,
    constraint video_viewers_pkey primary key (video_id, viewer_key, viewed_from)
) partition by range (video_id);

comment on table private.video_viewers is
'Who has been counted as a viewer of a video in which half hour.';
comment on column private.video_viewers.viewer_key is
'From private.viewer_key(): a user, or a salted hash of an address, never an address.';
comment on column private.video_viewers.viewed_from is
'Start of the half hour, UTC.';

-- Counters: a change appends a row here and waits for nobody; folding adds pending
-- rows to the base in public.videos. No key and no foreign key: rows live seconds.
create table private.video_deltas (
    video_id uuid not null,
    views integer not null default 0,
    likes integer not null default 0,
    comments integer not null default 0
)
with (
    autovacuum_vacuum_scale_factor = 0,
    autovacuum_vacuum_threshold = 5000
);

create index video_deltas_video_id_idx on private.video_deltas (video_id);

comment on table private.video_deltas is
'Changes of counters that are not folded into public.videos yet. Counts, no people.';
comment on column private.video_deltas.views is 'Views to add.';
comment on column private.video_deltas.likes is 'Likes to add; negative for unlikes.';
comment on column private.video_deltas.comments is
'Comments to add; negative for deleted ones.';

create table private.daily_salts (
    day date not null,
    salt bytea not null,
    constraint daily_salts_pkey primary key (day),
    constraint daily_salts_salt_length check (octet_length(salt) = 32)
);

comment on table private.daily_salts is
'One random secret a UTC day for hashing the addresses of anonymous viewers. '
'Forgotten after two days, and with it the way back to an address.';
comment on column private.daily_salts.day is 'The UTC day it is used on.';
comment on column private.daily_salts.salt is '32 random bytes, read by viewer_key() alone.';
