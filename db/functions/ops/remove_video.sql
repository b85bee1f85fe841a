create or replace function ops.remove_video(id uuid, reason text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update public.videos as v
    set deleted_at = coalesce(v.deleted_at, now())
    where v.id = remove_video.id;

    if not found then
        raise exception 'there is no video %', remove_video.id
            using errcode = 'no_data_found';
    end if;

    -- The mark has ordered the files as deleted by the owner: say better, since what
    -- moderation takes away leaves the CDN's cache too, whatever the budget.
    perform private.order_files(array[remove_video.id], 'moderated');

    insert into private.moderation_log (video_id, action, reason)
    values (remove_video.id, 'remove', remove_video.reason);
end
$$;

comment on function ops.remove_video(uuid, text) is
'Takes a video away for good: gone for everybody at once, its files deleted at ImageKit '
'and purged from the CDN. To keep it as evidence hide it instead. The reason is logged in '
'private.moderation_log. Errors: no_data_found.';

revoke all on function ops.remove_video(uuid, text)
from public, anon, authenticated, service_role;
