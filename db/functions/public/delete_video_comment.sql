create or replace function public.delete_video_comment(video_id uuid, comment_id uuid)
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform private.require_viewer();
    perform private.require_visible_video(delete_video_comment.video_id);

    -- Whose comments these may be is the table's policy.
    delete from public.video_comments as c
    where
        c.video_id = delete_video_comment.video_id
        and c.id = delete_video_comment.comment_id;

    if not found then
        raise exception using
            errcode = 'PT404',
            message = 'comment_not_found',
            detail = 'There is no comment of yours with this id on this video.';
    end if;
end
$$;

comment on function public.delete_video_comment(uuid, uuid) is
'Deletes a comment of the caller, or anybody''s on a video of the caller. '
'Errors: sign_in_required, suspended, rate_limited, video_not_found, video_expired; '
'comment_not_found, also for comments of others and on other videos.';

revoke all on function public.delete_video_comment(uuid, uuid)
from public, anon, authenticated, service_role;
grant execute on function public.delete_video_comment(uuid, uuid)
to authenticated, service_role;
