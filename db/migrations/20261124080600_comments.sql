-- Comments: an ordinary table with ordinary keys, so that clients can embed it.

create table public.video_comments (
    id uuid not null,
    video_id uuid not null,
    user_id text not null,
    text text not null,
    created_at timestamptz not null default now(),
    constraint video_comments_pkey primary key (video_id, id),
    constraint video_comments_text_length check (char_length(text) <= 1000),
    constraint video_comments_text_visible
    check (
        text ~ '[^[:space:][:cntrl:]\u00A0\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202F\u205F-\u206F\u2800\u3000\u3164\uFE00-\uFE0F\uFEFF\uFFA0]' -- noqa: LT05
    )
);

alter table public.video_comments
add constraint video_comments_video_id_fkey foreign key (video_id)
references public.videos (id) on delete cascade;

alter table public.video_comments
add constraint video_comments_user_id_fkey foreign key (user_id)
references public.user_profiles (user_id) on delete cascade;

create index video_comments_id_idx on public.video_comments (id);
create index video_comments_user_id_idx on public.video_comments (user_id);

comment on table public.video_comments is
'What people say about a video. Deleted by the writer or the video''s owner.';
comment on column public.video_comments.id is
'UUIDv7: orders the comments of a video and is the cursor of their pages.';
comment on column public.video_comments.text is
'Up to 1000 characters, trimmed, NFC, with something visible in it.';
