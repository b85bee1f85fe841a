create or replace function public.like_video(
    video_id uuid,
    inout liked boolean default true,
    out likes_count bigint
)
returns record
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
-- Planned while few counts were pending, a plan would read them all for each video,
-- and be kept when they are many.
set enable_seqscan = off
as $$
declare
    v_viewer_id text := private.require_viewer();
begin
    perform private.require_visible_video(like_video.video_id);

    if like_video.liked is null then
        like_video.liked := not exists (
            select
            from public.video_likes as l
            where l.video_id = like_video.video_id and l.user_id = v_viewer_id
        );
    end if;

    if like_video.liked then
        insert into public.video_likes (video_id)
        values (like_video.video_id)
        on conflict do nothing;
    else
        delete from public.video_likes as l
        where l.video_id = like_video.video_id and l.user_id = v_viewer_id;
    end if;

    like_video.likes_count := (
        select f.likes_count
        from public.video_feed as f
        where f.id = like_video.video_id
    );
end
$$;

comment on function public.like_video(uuid, boolean) is
'Sets whether the caller likes a video: true or false, however often; null turns it '
'round. Gives {liked, likes_count}, the count being exact. '
'Errors: sign_in_required, suspended, rate_limited, video_not_found, video_expired.';

revoke all on function public.like_video(uuid, boolean)
from public, anon, authenticated, service_role;
grant execute on function public.like_video(uuid, boolean)
to authenticated, service_role;
