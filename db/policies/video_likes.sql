-- People like what they can see, and take it back. A like is seen by who gave it and by
-- the owner of the video, unless the two do not meet.
-- anon may select, so that video_feed works for it, and meets no policy: no rows.

alter table public.video_likes enable row level security;

revoke all on public.video_likes from public, anon, authenticated, service_role;
grant select on public.video_likes to anon, authenticated;
grant insert (video_id) on public.video_likes to authenticated;
grant delete on public.video_likes to authenticated;
grant select, insert, update, delete on public.video_likes to service_role;

alter table public.video_likes
alter column user_id set default private.viewer_id();

-- Own likes come first: the feed asks for no other, and then the rest is not looked at.
-- An array, not an exists: both halves can be looked up by an index.
create policy select_own_or_on_own_video on public.video_likes
for select to authenticated
using (
    (
        user_id = (select private.viewer_id())
        and private.can_see_video(video_id)
    )
    or (
        video_id = any(coalesce((select private.own_video_ids()), '{}'))
        and user_id <> all(coalesce((select private.blocked_user_ids()), '{}'))
    )
);

create policy insert_own on public.video_likes
for insert to authenticated
with check (
    user_id = (select private.viewer_id())
    and private.can_see_video(video_id)
);

create policy delete_own on public.video_likes
for delete to authenticated
using (
    user_id = (select private.viewer_id())
    and private.can_see_video(video_id)
);

-- Triggers of one event fire in the order of their names: admit before all others.
create trigger admit_1_statement
before insert or delete on public.video_likes
for each statement execute function private.guard_write();

create trigger admit_2_row
before insert or delete on public.video_likes
for each row execute function private.guard_write('like');

create trigger prepare_like_on_insert
before insert on public.video_likes
for each row execute function private.prepare_like();

create trigger count_likes_on_insert
after insert on public.video_likes
referencing new table as changed
for each statement execute function private.count_likes();

create trigger count_likes_on_delete
after delete on public.video_likes
referencing old table as changed
for each statement execute function private.count_likes();
