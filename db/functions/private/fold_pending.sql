create or replace function private.fold_pending()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    -- With their owners' at most 60 messages, as many as one transaction sends. Their
    -- rows stay locked for some 10 ms.
    v_batch_size constant integer := 30;
    v_after uuid;
    v_pending uuid[];
    v_locked uuid[];
    v_video_id uuid;
begin
    select coalesce(p.folded_up_to, '00000000-0000-0000-0000-000000000000')
    into v_after
    from private.fold_progress as p
    where p.singleton
    for update skip locked;

    if not found then
        return 0;
    end if;

    -- In the order of ids, so that neither locked videos nor busy ones keep others
    -- waiting: each comes once before any comes again.
    v_pending := array(
        select distinct d.video_id
        from private.video_deltas as d
        where d.video_id > v_after
        order by d.video_id
        limit v_batch_size
    );
    v_locked := array(
        select v.id
        from public.videos as v
        where v.id = any (v_pending)
        order by v.id
        for no key update skip locked
    );

    -- New statements, hence new snapshots: they see all that was committed before the
    -- locks were taken.
    with folded as (
        delete from private.video_deltas as d
        where d.video_id = any (v_locked)
        returning d.video_id, d.views, d.likes, d.comments
    ),
    pending as (
        select
            f.video_id,
            sum(f.views) as views,
            sum(f.likes) as likes,
            sum(f.comments) as comments
        from folded as f
        group by f.video_id
    )
    update public.videos as v
    set
        views_count = greatest(v.views_count + p.views, 0),
        likes_count = greatest(v.likes_count + p.likes, 0),
        comments_count = greatest(v.comments_count + p.comments, 0)
    from pending as p
    where
        v.id = p.video_id
        -- Not for marks alone.
        and (p.views, p.likes, p.comments) <> (0, 0, 0);

    -- The last counts of a burst, which nobody sent. A like that is sending just now may
    -- not know all of them: a mark that counts nothing brings the video here again.
    foreach v_video_id in array v_locked loop
        if not private.announce_counts(v_video_id, pause => '0') then
            insert into private.video_deltas (video_id) values (v_video_id);
        end if;
    end loop;

    -- What counted on a video that has gone since counts nothing.
    delete from private.video_deltas as d
    where
        d.video_id = any (v_pending)
        and not exists (
            select from public.videos as v where v.id = d.video_id
        );

    update private.fold_progress as p
    set
        folded_up_to = case
            when cardinality(v_pending) = v_batch_size then v_pending[v_batch_size]
        end
    where p.singleton;

    if cardinality(v_pending) < v_batch_size then
        return 0;
    end if;
    return v_batch_size;
end
$$;

comment on function private.fold_pending() is
'Job: adds what is pending to the counters of the next 30 videos, those excepted that '
'another transaction has, tells those who watch them, unless they know, and goes on from '
'there when called again. Gives 30 while there may be more, 0 when all have had their '
'turn or another run is at it: what is counted meanwhile is the next run''s.';

revoke all on function private.fold_pending()
from public, anon, authenticated, service_role;
