create or replace function private.announce_removed_video()
returns trigger
language plpgsql
security definer -- nobody but this project's functions sends
set search_path = ''
as $$
declare
    -- Not what is old by now: of what has expired since, the job will tell.
    v_announced_up_to constant timestamptz := (
        select p.announced_up_to from private.expiry_progress as p where p.singleton
    );
    v_oldest_id constant uuid := private.uuid_v7_floor(v_announced_up_to);
begin
    if
        private.can_see_video(old, v_oldest_id, v_announced_up_to, '{}')
        and not private.can_see_video(new, v_oldest_id, v_announced_up_to, '{}')
    then
        perform private.note_removal(
            new.id,
            -- Neither his own doing nor his erasure, which takes his name off.
            new.created_at > v_announced_up_to
            and new.user_id = old.user_id
            and new.user_id is distinct from private.viewer_id()
        );
    end if;
    return null;
end
$$;

comment on function private.announce_removed_video() is
'Trigger, when a video is marked as deleted or hidden, or made older: tells those who '
'watch it when it is gone by that, and its owner when that was not he.';

revoke all on function private.announce_removed_video()
from public, anon, authenticated, service_role;
