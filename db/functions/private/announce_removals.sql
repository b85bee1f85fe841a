-- depends: can_see_video
create or replace function private.announce_removals()
returns integer
language plpgsql
set search_path = ''
-- Videos are found by two indexes, however few there are when it is planned.
set enable_seqscan = off
as $$
declare
    -- With their owners' at most 60 messages, as many as one transaction sends.
    v_batch_size constant integer := 30;
    v_oldest_visible_at constant timestamptz := private.oldest_visible_at();
    v_from timestamptz;
    v_to timestamptz;
    v_ids uuid[];
begin
    select p.announced_up_to into v_from
    from private.expiry_progress as p
    where p.singleton
    for update skip locked;

    if not found then
        return 0;
    end if;

    -- After a pause or a shorter retention step by step: ten minutes hold some thousand
    -- videos of a busy day. After a longer one back, without a word.
    v_to := least(v_oldest_visible_at, v_from + interval '10 minutes');

    -- Visible when we looked before, by age and date, and not any more.
    insert into private.video_removals (video_id, is_moderated)
    select
        v.id,
        false as is_moderated
    from public.videos as v
    where
        v.id >= private.uuid_v7_floor(v_from)
        and v.id < private.uuid_v7_floor(v_to)
        and private.can_see_video(v, private.uuid_v7_floor(v_from), v_from, '{}')
    union
    select
        v.id,
        false as is_moderated
    from public.videos as v
    where
        v.created_at > v_from
        and v.created_at <= v_to
        and private.can_see_video(v, private.uuid_v7_floor(v_from), v_from, '{}')
    on conflict do nothing;

    update private.expiry_progress as p
    set announced_up_to = v_to
    where p.singleton and p.announced_up_to <> v_to;

    v_ids := array(
        select r.video_id
        from private.video_removals as r
        order by r.video_id
        limit v_batch_size
        for update skip locked
    );
    perform private.announce_removal(r.video_id, r.is_moderated)
    from private.video_removals as r
    where
        r.video_id = any (v_ids)
        -- Hidden and shown again meanwhile.
        and not exists (
            select
            from public.videos as v
            where
                v.id = r.video_id
                and private.can_see_video(v, private.uuid_v7_floor(v_to), v_to, '{}')
        );
    delete from private.video_removals as r
    where r.video_id = any (v_ids);

    return cardinality(v_ids) + (v_to < v_oldest_visible_at)::integer;
end
$$;

comment on function private.announce_removals() is
'Job: tells those who watch of the next 30 videos that have expired or went with many '
'others. Gives more than 0 while there may be more, 0 when another run is at it.';

revoke all on function private.announce_removals()
from public, anon, authenticated, service_role;
