create or replace function private.can_listen(topic text)
returns boolean
language plpgsql
stable
parallel safe
security definer -- clients may not read suspensions
set search_path = ''
as $$
declare
    v_viewer_id constant text := private.viewer_id();
begin
    -- As we send it: whoever writes an id in another way would listen to silence.
    if can_listen.topic ~ '^video:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
        return private.can_see_video(substr(can_listen.topic, 7)::uuid);
    end if;
    return coalesce(can_listen.topic = 'user:' || v_viewer_id, false)
        and not private.is_suspended(v_viewer_id);
end
$$;

comment on function private.can_listen(text) is
'May the caller listen to this topic of realtime? To video:<id>, the id in lower case, '
'when he may see that video; to user:<id> when that is he and he is not suspended; to '
'nothing else.';

revoke all on function private.can_listen(text)
from public, anon, authenticated, service_role;
grant execute on function private.can_listen(text)
to anon, authenticated, service_role;
