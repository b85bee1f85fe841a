create or replace function ops.show_video(id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update public.videos as v
    set hidden_at = null
    where v.id = show_video.id;

    if not found then
        raise exception 'there is no video %', show_video.id
            using errcode = 'no_data_found';
    end if;

    insert into private.moderation_log (video_id, action)
    values (show_video.id, 'show');
end
$$;

comment on function ops.show_video(uuid) is
'Shows a hidden video again. Logged in private.moderation_log. Errors: no_data_found.';

revoke all on function ops.show_video(uuid)
from public, anon, authenticated, service_role;
