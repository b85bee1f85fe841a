create or replace function ops.hide_video(id uuid, reason text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update public.videos as v
    set hidden_at = coalesce(v.hidden_at, now())
    where v.id = hide_video.id;

    if not found then
        raise exception 'there is no video %', hide_video.id
            using errcode = 'no_data_found';
    end if;

    insert into private.moderation_log (video_id, action, reason)
    values (hide_video.id, 'hide', hide_video.reason);
end
$$;

comment on function ops.hide_video(uuid, text) is
'Hides a video from everybody, its owner included, from this moment until '
'ops.show_video(id). Its rows and file stay; its life does not grow longer. The reason '
'is logged in private.moderation_log. Errors: no_data_found.';

revoke all on function ops.hide_video(uuid, text)
from public, anon, authenticated, service_role;
