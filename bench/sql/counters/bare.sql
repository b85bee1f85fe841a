-- The original's own tables and statements: no rules, no roles, no answer. What it does
-- in two statements of its client is one call here, which is kind to it.
create schema bare;

create table bare.videos (
    id uuid primary key default gen_random_uuid(),
    title text,
    description text,
    video_url text not null,
    thumbnail_url text,
    user_id text not null,
    views_count integer default 0,
    likes_count integer default 0,
    comments_count integer default 0,
    created_at timestamptz default now(),
    updated_at timestamptz default now()
);

create table bare.video_likes (
    id uuid primary key default gen_random_uuid(),
    video_id uuid not null references bare.videos (id) on delete cascade,
    user_id text not null,
    created_at timestamptz default now(),
    unique (video_id, user_id)
);

insert into bare.videos
(id, title, description, video_url, thumbnail_url, user_id)
select
    v.id,
    v.title,
    v.description,
    v.video_url,
    v.thumbnail_url,
    v.user_id
from public.videos as v;

create function bare.like_video(video_id uuid, user_id text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    insert into bare.video_likes (video_id, user_id)
    values (like_video.video_id, like_video.user_id)
    on conflict do nothing;

    if not found then
        return;
    end if;

    update bare.videos as v
    set likes_count = v.likes_count + 1
    where v.id = like_video.video_id;
end
$$;
