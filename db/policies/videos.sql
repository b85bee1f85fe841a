-- Everybody sees what can_see_video() lets through, owners included. Owners change
-- title and description. Videos come by private.publish_video() and go by
-- delete_video(): no client may insert or delete.

alter table public.videos enable row level security;

revoke all on public.videos from public, anon, authenticated, service_role;
grant select on public.videos to anon, authenticated;
grant update (title, description) on public.videos to authenticated;
grant select, insert, update, delete on public.videos to service_role;

create policy select_visible on public.videos
for select to anon, authenticated
using (
    private.can_see_video(
        videos,
        (select private.oldest_visible_id()),
        (select private.oldest_visible_at()),
        (select private.blocked_user_ids())
    )
);

-- The predicate again: a statement that reads no column is not bound by the policy
-- for select, and would reach what is hidden.
create policy update_own on public.videos
for update to authenticated
using (
    user_id = (select private.viewer_id())
    and private.can_see_video(
        videos,
        (select private.oldest_visible_id()),
        (select private.oldest_visible_at()),
        (select private.blocked_user_ids())
    )
)
with check (user_id = (select private.viewer_id()));

-- Triggers of one event fire in the order of their names: admit before all others.
create trigger admit_1_statement
before update on public.videos
for each statement execute function private.guard_write();

create trigger admit_2_row
before update on public.videos
for each row execute function private.guard_write('update_video');

create trigger ensure_profile_on_insert
before insert on public.videos
for each row execute function private.ensure_profile();

create trigger prepare_video_on_write
before insert or update of title, description on public.videos
for each row execute function private.prepare_video();

create trigger order_video_files_on_mark
after update of deleted_at on public.videos
for each row when (old.deleted_at is null and new.deleted_at is not null)
execute function private.order_video_files();

create trigger cancel_video_files_on_unmark
after update of deleted_at on public.videos
for each row when (old.deleted_at is not null and new.deleted_at is null)
execute function private.cancel_video_files();

create trigger bury_videos_on_delete
after delete on public.videos
referencing old table as gone
for each statement execute function private.bury_videos();

create trigger announce_removed_video_on_update
after update of deleted_at, hidden_at, created_at on public.videos
for each row execute function private.announce_removed_video();

create trigger announce_vanished_videos_on_delete
after delete on public.videos
referencing old table as gone
for each statement execute function private.announce_vanished_videos();
