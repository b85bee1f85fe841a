create or replace function public.like_video(
    video_id uuid,
    inout liked boolean default true,
    out likes_count bigint
)
returns record
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_viewer_id constant text := private.viewer_id();
begin
    if v_viewer_id is null then
        perform private.require_viewer();
    end if;

    if like_video.liked is null then
        like_video.liked := not exists (
            select
            from public.video_likes as l
            where l.video_id = like_video.video_id and l.user_id = v_viewer_id
        );
    end if;

    if like_video.liked then
        -- The table's trigger looks whether the caller may see the video. It is not
        -- asked when there is no leaf to insert into.
        if not private.has_day(like_video.video_id) then
            perform private.raise_video_not_found(like_video.video_id);
        end if;
        perform set_config('likes.meet_at_the_key', 'on', true);
        insert into public.video_likes (video_id)
        values (like_video.video_id)
        on conflict do nothing;
        perform set_config('likes.meet_at_the_key', 'off', true);
    else
        perform private.require_visible_video(like_video.video_id);
        delete from public.video_likes as l
        where l.video_id = like_video.video_id and l.user_id = v_viewer_id;
    end if;

    like_video.likes_count := private.exact_likes(like_video.video_id);
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
