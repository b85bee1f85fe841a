-- depends: can_see_video
create or replace function private.announce_counts(
    video_id uuid,
    pause interval default '1 second'
)
returns boolean
language plpgsql
set search_path = ''
-- Planned while few counts were pending, a plan would read them all for each video,
-- and be kept when they are many.
set enable_seqscan = off
as $$
declare
    v_sent private.video_announcements;
    v_video record;
begin
    -- Never waits: when somebody else has the row, he sends.
    select * into v_sent
    from private.video_announcements as a
    where
        a.video_id = announce_counts.video_id
        and a.sent_at <= clock_timestamp() - announce_counts.pause
    for update skip locked;

    if not found then
        -- Whoever makes the row has this lock first, or two would wait for each other
        -- at its key.
        if
            not pg_try_advisory_xact_lock(
                hashtextextended(
                    'private.announce_counts ' || announce_counts.video_id, 0
                )
            )
        then
            return false;
        end if;
        -- A new statement, hence a new snapshot: it sees the row of who had the lock.
        if exists (
            select
            from private.video_announcements as a
            where a.video_id = announce_counts.video_id
        ) then
            return false;
        end if;
    end if;

    -- A new statement, hence a new snapshot: it sees all that was committed before the
    -- row was taken, so what is sent next is never older than what was sent before.
    select
        v.user_id,
        v.comments_count as folded_comments,
        greatest(v.views_count + coalesce(d.views, 0), 0) as views,
        greatest(v.likes_count + coalesce(d.likes, 0), 0) as likes,
        greatest(v.comments_count + coalesce(d.comments, 0), 0) as comments
    into v_video
    from public.videos as v
    left join lateral (
        select
            sum(p.views) as views,
            sum(p.likes) as likes,
            sum(p.comments) as comments
        from private.video_deltas as p
        where p.video_id = v.id
    ) as d on true
    where v.id = announce_counts.video_id and private.can_see_video(v.id);

    if
        not found
        or (v_video.views, v_video.likes, v_video.comments)
        is not distinct from (v_sent.views, v_sent.likes, v_sent.comments)
    then
        return true;
    end if;

    if
        not private.send_live(
            'video:' || announce_counts.video_id,
            'counts',
            jsonb_build_object(
                'video_id', announce_counts.video_id,
                'views_count', v_video.views,
                'likes_count', v_video.likes,
                'comments_count', v_video.comments
            )
        )
    then
        return false;
    end if;
    -- Counts, no people: whom the owner does not meet is not given away by them. What is
    -- folded is old when nobody knows what was sent.
    if v_video.comments > coalesce(v_sent.comments, v_video.folded_comments) then
        perform private.tell_user(
            v_video.user_id,
            'video_commented',
            jsonb_build_object(
                'video_id', announce_counts.video_id,
                'comments_count', v_video.comments
            )
        );
    end if;

    insert into private.video_announcements as a (
        video_id, sent_at, views, likes, comments
    )
    values (
        announce_counts.video_id,
        clock_timestamp(),
        v_video.views,
        v_video.likes,
        v_video.comments
    )
    on conflict on constraint video_announcements_pkey do update
    set
        sent_at = excluded.sent_at,
        views = excluded.views,
        likes = excluded.likes,
        comments = excluded.comments;
    return true;
end
$$;

comment on function private.announce_counts(uuid, interval) is
'Sends the counts of a video to those who watch it, unless they are what was sent last or '
'nobody sees it any more. pause: how long ago that must be, a second unless told '
'otherwise. False when that is not so, another transaction is sending just now, or this '
'one has sent enough: then they are still to be sent. Waits for nobody.';

revoke all on function private.announce_counts(uuid, interval)
from public, anon, authenticated, service_role;
