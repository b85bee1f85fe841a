create or replace function ops.hide_user_videos(user_id text, reason text)
returns bigint
language plpgsql
set search_path = ''
as $$
declare
    v_videos bigint;
begin
    with hidden as (
        update public.videos as v
        set hidden_at = now()
        where
            v.user_id = hide_user_videos.user_id
            and v.hidden_at is null
            and v.deleted_at is null
        returning v.id
    )

    insert into private.moderation_log (video_id, action, reason)
    select
        h.id,
        'hide_user' as action,
        hide_user_videos.reason
    from hidden as h;

    get diagnostics v_videos = row_count;
    return v_videos;
end
$$;

comment on function ops.hide_user_videos(text, text) is
'Hides all videos of a person from everybody until ops.show_user_videos(user_id), and '
'gives their number. Each is logged in private.moderation_log with the reason. Those he '
'publishes later are not hidden: ops.suspend_user() stops him from it.';

revoke all on function ops.hide_user_videos(text, text)
from public, anon, authenticated, service_role;
