create or replace function private.exact_likes(video_id uuid)
returns bigint
language plpgsql
stable
security definer -- one look past the policies of videos
set search_path = ''
-- Planned while few counts were pending, a plan would read them all for each video,
-- and be kept when they are many. Of a video in demand most are folded already, and a
-- bitmap looks at each of those again, every time.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
declare
    v_oldest_visible_at constant timestamptz := private.oldest_visible_at();
begin
    return (
        select
            v.likes_count + coalesce(
                (
                    select sum(d.likes)
                    from private.video_deltas as d
                    where d.video_id = v.id
                ),
                0
            )
        from public.videos as v
        where
            v.id = exact_likes.video_id
            and private.can_see_video(
                v,
                private.uuid_v7_floor(v_oldest_visible_at),
                v_oldest_visible_at,
                private.blocked_user_ids()
            )
    );
end
$$;

comment on function private.exact_likes(uuid) is
'How many like this video, as video_feed says it, for who needs nothing else of it: '
'the view would open the tables of likes and profiles as well. Null when the caller '
'cannot see the video.';

revoke all on function private.exact_likes(uuid)
from public, anon, authenticated, service_role;
grant execute on function private.exact_likes(uuid)
to authenticated, service_role;
