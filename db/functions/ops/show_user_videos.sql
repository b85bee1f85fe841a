create or replace function ops.show_user_videos(user_id text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_videos bigint;
begin
    with shown as (
        update public.videos as v
        set hidden_at = null
        where
            v.user_id = show_user_videos.user_id
            and v.hidden_at is not null
            and (
                select l.action
                from private.moderation_log as l
                where l.video_id = v.id
                order by l.id desc
                limit 1
            ) = 'hide_user'
        returning v.id
    )

    insert into private.moderation_log (video_id, action)
    select
        s.id,
        'show_user' as action
    from shown as s;

    get diagnostics v_videos = row_count;
    return v_videos;
end
$$;

comment on function ops.show_user_videos(text) is
'Shows the videos again that ops.hide_user_videos() hid, and gives their number; not '
'those that ops.hide_video() hid, before or since. Logged in private.moderation_log.';

revoke all on function ops.show_user_videos(text)
from public, anon, authenticated, service_role;
