create or replace function private.announce_removal(
    video_id uuid,
    is_moderated boolean
)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_payload constant jsonb := jsonb_build_object(
        'video_id', announce_removal.video_id
    );
begin
    perform private.send_live(
        'video:' || announce_removal.video_id, 'removed', v_payload
    );
    if announce_removal.is_moderated then
        perform private.tell_user(v.user_id, 'video_removed', v_payload)
        from public.videos as v
        where v.id = announce_removal.video_id;
    end if;
end
$$;

comment on function private.announce_removal(uuid, boolean) is
'Tells those who watch a video that it is gone, and its owner when moderation has taken '
'it away.';

revoke all on function private.announce_removal(uuid, boolean)
from public, anon, authenticated, service_role;
