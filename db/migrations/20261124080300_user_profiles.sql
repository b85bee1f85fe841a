-- People, as others see them.

create table public.user_profiles (
    user_id text not null,
    username text,
    avatar text,
    verified boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint user_profiles_pkey primary key (user_id),
    constraint user_profiles_username_key unique (username),
    constraint user_profiles_user_id_printable
    check (user_id ~ '^[^[:cntrl:]]{1,255}$'),
    -- Letters that exist once: nobody can look like somebody else.
    constraint user_profiles_username_format
    check (username ~ '^[a-z0-9_.]{3,30}$'),
    constraint user_profiles_avatar_format
    check (avatar ~ '^https?://[^[:space:]]+$'),
    constraint user_profiles_avatar_length check (char_length(avatar) <= 2000)
);

comment on table public.user_profiles is
'One row per person who published or wrote something, or set up a profile.';
comment on column public.user_profiles.user_id is
'The sub of the person''s token: 1 to 255 printable characters.';
comment on column public.user_profiles.username is
'3 to 30 of a-z, 0-9, _ and ., unique; null is shown as Unknown.';
comment on column public.user_profiles.avatar is
'URL of an image the person uploaded with an avatar ticket, or null.';
comment on column public.user_profiles.verified is
'Set by administrators only.';

create table public.user_blocks (
    user_id text not null,
    blocked_user_id text not null,
    created_at timestamptz not null default now(),
    constraint user_blocks_pkey primary key (user_id, blocked_user_id),
    constraint user_blocks_user_id_printable
    check (user_id ~ '^[^[:cntrl:]]{1,255}$'),
    constraint user_blocks_blocked_user_id_printable
    check (blocked_user_id ~ '^[^[:cntrl:]]{1,255}$'),
    constraint user_blocks_blocked_user_id_other check (blocked_user_id <> user_id)
);

-- A block hides both ways, so it is looked up from both ends.
create index user_blocks_blocked_user_id_user_id_idx
on public.user_blocks (blocked_user_id, user_id);

comment on table public.user_blocks is
'Who does not want to meet whom. Hides the videos and comments of each from the other.';
comment on column public.user_blocks.user_id is
'The one who blocks. Only he sees the row.';
comment on column public.user_blocks.blocked_user_id is
'The one who is blocked; needs no profile.';
