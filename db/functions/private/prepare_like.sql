create or replace function private.prepare_like()
returns trigger
language plpgsql
set search_path = ''
-- A partitioned table costs a generic plan 0.03 ms and a custom one a millisecond.
set plan_cache_mode = force_generic_plan
as $$
begin
    -- Clients are those whom policies bind; owners, jobs and restores are not. The policy
    -- leaves it to this lock which videos they like: it would ask the same once more.
    if row_security_active('public.video_likes'::regclass) then
        if private.viewer_id() is null then
            perform private.require_viewer();
        end if;
        perform private.lock_visible_video(new.video_id);
    end if;

    -- like_video() leaves a second like to the primary key, and says so. Whoever says it
    -- of a plain insert is refused by that key.
    if current_setting('likes.meet_at_the_key', true) = 'on' then
        return new;
    end if;

    -- Liked already: nothing to do. Two at the same moment meet at the primary key. To
    -- look takes a lock on the leaf of every day, for which all likers take turns: a
    -- statement of its own, so that its plan locks only when it runs.
    if exists (
        select
        from public.video_likes as l
        where l.video_id = new.video_id and l.user_id = new.user_id
    ) then
        return null;
    end if;
    return new;
end
$$;

comment on function private.prepare_like() is
'Trigger: refuses likes of videos the caller cannot see and skips a second like. '
'Errors: sign_in_required, video_not_found, video_expired.';

revoke all on function private.prepare_like()
from public, anon, authenticated, service_role;
