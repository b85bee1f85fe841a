-- depends: views/video_comment_feed
create or replace function public.add_video_comment(
    video_id uuid,
    text text,
    request_id uuid default null
)
returns public.video_comment_feed
language plpgsql
set search_path = ''
as $$
declare
    v_comment_id uuid;
    v_comment public.video_comment_feed;
begin
    insert into public.video_comments (video_id, text, request_id)
    values (
        add_video_comment.video_id, add_video_comment.text, add_video_comment.request_id
    )
    returning id into v_comment_id;

    -- Nothing was inserted: this request was made before.
    if v_comment_id is null then
        select c.id into v_comment_id
        from public.video_comments as c
        where
            c.user_id = private.viewer_id()
            and c.request_id = add_video_comment.request_id;
    end if;

    select * into v_comment
    from public.video_comment_feed as c
    where c.video_id = add_video_comment.video_id and c.id = v_comment_id;
    return v_comment;
end
$$;

comment on function public.add_video_comment(uuid, text, uuid) is
'Comments on a visible video and gives the comment. text: 1 to 1000 characters after '
'trimming, line feeds allowed. request_id: a random uuid of the app''s making; asked again '
'with the same one, text and video, it gives the comment it wrote before, as long as that '
'was not deleted. Errors: sign_in_required, suspended, rate_limited, '
'video_not_found, video_expired, comment_empty, comment_too_long, comment_invalid; request_id_reused when the caller '
'wrote another comment with it.';

revoke all on function public.add_video_comment(uuid, text, uuid)
from public, anon, authenticated, service_role;
grant execute on function public.add_video_comment(uuid, text, uuid)
to authenticated, service_role;
