create or replace function ops.hold_video(video_id uuid, reason text)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_ended private.video_tombstones;
begin
    -- Whoever is just retiring or purging it has won, and we hear that it is gone.
    perform from public.videos as v
    where v.id = hold_video.video_id
    for key share;

    if not found then
        select * into v_ended
        from private.video_tombstones as t
        where t.video_id = hold_video.video_id;

        raise exception 'there is no video %', hold_video.video_id
            using
                errcode = 'no_data_found',
                detail = format(
                    case
                        when v_ended.reason is null then 'It never was, or ended long ago.'
                        else 'It ended on %s: %s.'
                    end,
                    v_ended.ended_at, v_ended.reason
                );
    end if;

    insert into private.video_holds (video_id, reason)
    values (hold_video.video_id, hold_video.reason)
    on conflict on constraint video_holds_pkey do update
    set reason = excluded.reason;

    insert into private.moderation_log (video_id, action, reason)
    values (hold_video.video_id, 'hold', hold_video.reason);
end
$$;

comment on function ops.hold_video(uuid, text) is
'Keeps a video as evidence until ops.release_hold(video_id): neither retention nor the '
'purge removes its rows, its comments, likes and files, and no delete reaches them. '
'Nobody sees it for longer than before. A second hold replaces the reason, which has 1 '
'to 1000 characters. Logged in private.moderation_log. Errors: no_data_found when the '
'video is gone already; its detail says since when.';

revoke all on function ops.hold_video(uuid, text)
from public, anon, authenticated, service_role;
