create or replace function private.announce_vanished_videos()
returns trigger
language plpgsql
security definer -- nobody but this project's functions sends
set search_path = ''
as $$
declare
    v_announced_up_to constant timestamptz := (
        select p.announced_up_to from private.expiry_progress as p where p.singleton
    );
begin
    perform private.note_removal(v.id, is_moderated => false)
    from gone as v
    where
        private.can_see_video(
            v::public.videos,
            private.uuid_v7_floor(v_announced_up_to),
            v_announced_up_to,
            '{}'
        );
    return null;
end
$$;

comment on function private.announce_vanished_videos() is
'Trigger, per statement, after videos are gone: tells those who watch one that nobody was '
'told of yet.';

revoke all on function private.announce_vanished_videos()
from public, anon, authenticated, service_role;
