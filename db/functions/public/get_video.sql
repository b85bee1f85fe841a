-- depends: views/video_feed
create or replace function public.get_video(video_id uuid)
returns public.video_feed
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
-- Planned while few counts were pending, a plan would read them all for each video,
-- and be kept when they are many.
set enable_seqscan = off
as $$
declare
    v_video public.video_feed;
begin
    select * into v_video
    from public.video_feed as f
    where f.id = get_video.video_id;

    if not found then
        perform private.raise_video_not_found(get_video.video_id);
    end if;
    return v_video;
end
$$;

comment on function public.get_video(uuid) is
'One visible video. A pure read: it counts no view. Errors: video_not_found when it is '
'unknown, hidden, deleted or too old; video_expired to its owner when it was too old.';

revoke all on function public.get_video(uuid)
from public, anon, authenticated, service_role;
grant execute on function public.get_video(uuid)
to anon, authenticated, service_role;
