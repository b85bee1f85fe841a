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
declare
    v_pending record;
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
    )
    select
        sum(f.views) as views,
        sum(f.likes) as likes,
        sum(f.comments) as comments
    into v_pending
    from folded as f;

    if v_pending.views is null then
        return false;
    end if;
    -- A mark that counts nothing, for fold_pending(): these counts are still to be sent
    -- to those who watch.
    insert into private.video_deltas (video_id)
    values (fold_video.video_id);

    update public.videos as v
    set
        -- Below 0 is drift, which ops.counter_drift shows and ops.repair_counters()
        -- repairs. Those who like a video are not to blame: nothing fails for it.
        views_count = greatest(v.views_count + v_pending.views, 0),
        likes_count = greatest(v.likes_count + v_pending.likes, 0),
        comments_count = greatest(v.comments_count + v_pending.comments, 0)
    where
        v.id = fold_video.video_id
        and (v_pending.views, v_pending.likes, v_pending.comments) <> (0, 0, 0);

    return found;
end
$$;

comment on function private.fold_video(uuid) is
'Adds what is pending in private.video_deltas to a video''s counters, in the caller''s '
'transaction, and leaves a mark there, which counts nothing, for private.fold_pending(): it '
'is to be told. True when something was added; false when there was nothing, or another '
'transaction has the row.';

revoke all on function private.fold_video(uuid)
from public, anon, authenticated, service_role;
