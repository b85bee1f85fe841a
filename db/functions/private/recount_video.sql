create or replace function private.recount_video(video_id uuid)
returns boolean
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_had_drift boolean;
begin
    -- The caller holds the row's lock, and this is a new statement: its one snapshot
    -- sees all folding before, and nothing is folded meanwhile. Counting in the
    -- statement that locks would miss what was folded while it waited, and so make the
    -- drift it is to repair.
    with folded as (
        delete from private.video_deltas as d
        where d.video_id = recount_video.video_id
        returning d.views, d.likes, d.comments
    ),
    pending as (
        select
            coalesce(sum(f.views), 0) as views,
            coalesce(sum(f.likes), 0) as likes,
            coalesce(sum(f.comments), 0) as comments
        from folded as f
    ),
    counted as (
        select
            (
                select count(*)
                from private.video_viewers as r
                where r.video_id = recount_video.video_id
            ) as views,
            (
                select count(*)
                from public.video_likes as r
                where r.video_id = recount_video.video_id
            ) as likes,
            (
                select count(*)
                from public.video_comments as r
                where r.video_id = recount_video.video_id
            ) as comments
    )
    update public.videos as v
    set
        views_count = c.views,
        likes_count = c.likes,
        comments_count = c.comments
    from public.videos as o, pending as p, counted as c
    where v.id = recount_video.video_id and o.id = v.id
    returning
        (
            o.views_count + p.views, o.likes_count + p.likes,
            o.comments_count + p.comments
        ) is distinct from (c.views, c.likes, c.comments)
    into v_had_drift;

    -- As when folding: what was pending or wrong is still to be sent.
    insert into private.video_deltas (video_id)
    values (recount_video.video_id);
    return v_had_drift;
end
$$;

comment on function private.recount_video(uuid) is
'Sets the counters of a video to what its rows add up to. Lock the row first, in a '
'statement before: for no key update. True when they were not that already.';

revoke all on function private.recount_video(uuid)
from public, anon, authenticated, service_role;
