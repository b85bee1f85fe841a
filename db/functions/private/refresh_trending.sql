-- depends: trending_score, can_see_video
create or replace function private.refresh_trending()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_epoch constant integer := floor(extract(epoch from now()) / 60);
    v_rows integer;
begin
    -- One ranking a minute, whoever is first; the other of two has nothing to do.
    if
        not pg_try_advisory_xact_lock(hashtextextended('private.refresh_trending', 0))
        or exists (select from private.trending as t where t.epoch >= v_epoch)
    then
        return 0;
    end if;

    -- Readers keep the rankings before: nothing here waits or makes wait.
    insert into private.trending (epoch, rank, video_id, score)
    with candidates as (
        -- Bounded whatever the traffic: with little, all there is within the retention;
        -- with much, what is new, what somebody reacts to now, and what trends already.
        (
            select v.id
            from public.videos as v
            where v.deleted_at is null and v.hidden_at is null
            order by v.id desc
            limit 20000
        )
        union
        (
            select d.video_id
            from private.video_deltas as d
            limit 20000 -- noqa: AM09
        )
        union
        select t.video_id
        from private.trending as t
        where t.epoch = (select max(l.epoch) from private.trending as l)
    ),

    best as (
        select
            c.id,
            s.score
        from candidates as c
        -- Looked up one by one: a join would read every video there is.
        cross join lateral (
            select private.trending_score(
                v.views_count, v.likes_count, v.comments_count, now() - v.created_at
            ) as score
            from public.videos as v
            where
                v.id = c.id
                and private.can_see_video(
                    v,
                    (select private.oldest_visible_id()),
                    (select private.oldest_visible_at()),
                    '{}'
                )
            limit 1
        ) as s
        order by s.score desc, c.id desc
        limit 500
    )

    select
        v_epoch,
        row_number() over (order by b.score desc, b.id desc),
        b.id,
        b.score
    from best as b;
    get diagnostics v_rows = row_count;

    delete from private.trending as t
    where t.epoch < v_epoch - 60;
    return v_rows;
end
$$;

comment on function private.refresh_trending() is
'Job: ranks the 500 videos that trend most by private.trending_score() and the folded '
'counters, once a minute, and forgets rankings older than an hour. Gives the number of '
'ranked videos; 0 when this minute has its ranking.';

revoke all on function private.refresh_trending()
from public, anon, authenticated, service_role;
