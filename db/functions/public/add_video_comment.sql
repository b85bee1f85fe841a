-- depends: views/video_comment_feed
create or replace function public.add_video_comment(video_id uuid, text text)
returns public.video_comment_feed
language plpgsql
set search_path = ''
as $$
declare
    v_comment_id uuid;
    v_comment public.video_comment_feed;
begin
    insert into public.video_comments (video_id, text)
    values (add_video_comment.video_id, add_video_comment.text)
    returning id into v_comment_id;

    select * into v_comment
    from public.video_comment_feed as c
    where c.video_id = add_video_comment.video_id and c.id = v_comment_id;
    return v_comment;
end
$$;

comment on function public.add_video_comment(uuid, text) is
'Comments on a visible video and gives the comment. text: 1 to 1000 characters after '
'trimming, line feeds allowed. Errors: sign_in_required, video_not_found, '
'video_expired, comment_empty, comment_too_long, comment_invalid.';

revoke all on function public.add_video_comment(uuid, text)
from public, anon, authenticated, service_role;
grant execute on function public.add_video_comment(uuid, text)
to authenticated, service_role;
