-- Everybody reads the comments of videos he can see, but for those of people he does
-- not meet. People write their own; the writer and the video's owner delete.

alter table public.video_comments enable row level security;

revoke all on public.video_comments from public, anon, authenticated, service_role;
grant select on public.video_comments to anon, authenticated;
grant insert (video_id, text, request_id) on public.video_comments to authenticated;
grant delete on public.video_comments to authenticated;
grant select, insert, update, delete on public.video_comments to service_role;

alter table public.video_comments
alter column id set default private.uuid_v7(),
alter column user_id set default private.viewer_id();

create policy select_visible on public.video_comments
for select to anon, authenticated
using (
    private.can_see_video(video_id)
    and user_id <> all(coalesce((select private.blocked_user_ids()), '{}'))
);

create policy insert_own on public.video_comments
for insert to authenticated
with check (
    user_id = (select private.viewer_id())
    and private.can_see_video(video_id)
);

create policy delete_own_or_on_own_video on public.video_comments
for delete to authenticated
using (
    private.can_see_video(video_id)
    and (
        user_id = (select private.viewer_id())
        or exists (
            select
            from public.videos as v
            where
                v.id = video_comments.video_id
                and v.user_id = (select private.viewer_id())
        )
    )
);

-- Triggers of one event fire in the order of their names: admit before all others.
create trigger admit_1_statement
before insert or delete on public.video_comments
for each statement execute function private.guard_write();

create trigger admit_2_row_on_insert
before insert on public.video_comments
for each row execute function private.guard_write('comment');

create trigger admit_2_row_on_delete
before delete on public.video_comments
for each row execute function private.guard_write('delete_comment');

create trigger prepare_comment_on_write
before insert or update of text on public.video_comments
for each row execute function private.prepare_comment();

-- By its name after the one before, which refuses a caller without an id.
create trigger provide_profile_on_insert
before insert on public.video_comments
for each row execute function private.ensure_profile();

-- Triggers of one event fire in the order of their names: the text is cleaned by now.
create trigger skip_repeated_comment_on_insert
before insert on public.video_comments
for each row when (new.request_id is not null)
execute function private.skip_repeated_comment();

create trigger count_comments_on_insert
after insert on public.video_comments
referencing new table as changed
for each statement execute function private.count_comments();

create trigger count_comments_on_delete
after delete on public.video_comments
referencing old table as changed
for each statement execute function private.count_comments();
