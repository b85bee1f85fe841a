-- depends: views/video_feed
create or replace function public.update_video(
    video_id uuid,
    title text default null,
    description text default null
)
returns public.video_feed
language plpgsql
set search_path = ''
as $$
declare
    v_viewer_id text := private.require_viewer();
    v_video public.video_feed;
begin
    update public.videos as v
    set
        title = coalesce(update_video.title, v.title),
        description = coalesce(update_video.description, v.description)
    where v.id = update_video.video_id and v.user_id = v_viewer_id;

    if not found then
        perform private.raise_video_not_found(update_video.video_id);
    end if;

    select * into v_video
    from public.video_feed as f
    where f.id = update_video.video_id;
    return v_video;
end
$$;

comment on function public.update_video(uuid, text, text) is
'Changes title and description of a video of the caller and gives the video. Null keeps '
'a text, "" takes it away. Errors: sign_in_required, suspended, rate_limited; '
'video_not_found, also for anybody else''s; video_expired; title_too_long, '
'title_invalid, description_too_long, description_invalid.';

revoke all on function public.update_video(uuid, text, text)
from public, anon, authenticated, service_role;
grant execute on function public.update_video(uuid, text, text)
to authenticated, service_role;
