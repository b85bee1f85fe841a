create or replace function private.fold_video(video_id uuid)
returns boolean
language plpgsql
set search_path = ''
-- Planned while few counts were pending, a plan would read them all for each video,
-- and be kept when they are many. Of a video in demand most are folded already, and a
-- bitmap looks at each of those again, every time.
set enable_seqscan = off
set enable_bitmapscan = off
as $$
begin
    -- Never waits: when somebody else has the row, what is pending stays pending.
    perform from public.videos as v
    where v.id = fold_video.video_id
    for no key update skip locked;

    if not found then
        return false;
    end if;

    -- A new statement, hence a new snapshot: it sees all that was committed before
    -- the lock was taken.
    with folded as (
        delete from private.video_deltas as d
        where d.video_id = fold_video.video_id
        returning d.views, d.likes, d.comments
    ),
    pending as (
        select
            sum(f.views) as views,
            sum(f.likes) as likes,
            sum(f.comments) as comments
        from folded as f
    )
    update public.videos as v
    set
        -- Below 0 is drift, which ops.counter_drift shows and ops.repair_counters()
        -- repairs. Those who like a video are not to blame: nothing fails for it.
        views_count = greatest(v.views_count + p.views, 0),
        likes_count = greatest(v.likes_count + p.likes, 0),
        comments_count = greatest(v.comments_count + p.comments, 0)
    from pending as p
    where v.id = fold_video.video_id and p.views is not null;

    return found;
end
$$;

comment on function private.fold_video(uuid) is
'Adds what is pending in private.video_deltas to a video''s counters, in the caller''s '
'transaction. True when something was added; false when there was nothing, or another '
'transaction has the row.';

revoke all on function private.fold_video(uuid)
from public, anon, authenticated, service_role;
