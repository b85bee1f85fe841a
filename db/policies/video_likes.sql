-- People like what they can see, and take it back; nobody sees the likes of others.
-- anon may select, so that video_feed works for it, and meets no policy: no rows.

alter table public.video_likes enable row level security;

revoke all on public.video_likes from public, anon, authenticated, service_role;
grant select on public.video_likes to anon, authenticated;
grant insert (video_id) on public.video_likes to authenticated;
grant delete on public.video_likes to authenticated;
grant select, insert, update, delete on public.video_likes to service_role;

alter table public.video_likes
alter column user_id set default private.viewer_id();

create policy select_own on public.video_likes
for select to authenticated
using (
    user_id = (select private.viewer_id())
    and private.can_see_video(video_id)
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
