create or replace function private.purge_deleted_videos()
returns integer
language plpgsql
set search_path = ''
-- Reads the one leaf the video lies in, in the index's order and no further than the
-- batch goes. Left to itself the planner may sort all that is left, for every batch.
set plan_cache_mode = force_custom_plan
set enable_sort = off
set enable_seqscan = off
as $$
declare
    v_video_id uuid;
    v_step text;
    v_after text;
    v_last text;
    v_rows integer := 0;
begin
    select v.id into v_video_id
    from public.videos as v
    where
        v.deleted_at is not null
        and not exists (
            select from private.video_holds as h where h.video_id = v.id
        )
    order by v.deleted_at
    limit 1
    for update skip locked;

    if not found then
        return 0;
    end if;

    insert into private.purge_progress (video_id)
    values (v_video_id)
    on conflict do nothing;

    select p.step, p.purged_up_to into v_step, v_after
    from private.purge_progress as p
    where p.video_id = v_video_id;

    -- Children first, a few thousand at a time: one cascade over a loved video's rows
    -- would be one long transaction.
    if v_step = 'likes' then
        v_last := (
            select max(o.user_id)
            from (
                select l.user_id
                from public.video_likes as l
                where l.video_id = v_video_id and l.user_id > v_after
                order by l.user_id
                limit 5000
            ) as o
        );
        delete from public.video_likes as l
        where
            l.video_id = v_video_id
            and l.user_id > v_after
            and l.user_id <= v_last;
        get diagnostics v_rows = row_count;

        if v_rows = 0 then
            v_step := 'comments';
            v_after := '00000000-0000-0000-0000-000000000000';
        end if;
    end if;

    if v_step = 'comments' then
        v_last := (
            select max(o.id::text)
            from (
                select c.id
                from public.video_comments as c
                where c.video_id = v_video_id and c.id > v_after::uuid
                order by c.id
                limit 5000
            ) as o
        );
        delete from public.video_comments as c
        where
            c.video_id = v_video_id
            and c.id > v_after::uuid
            and c.id <= v_last::uuid;
        get diagnostics v_rows = row_count;

        if v_rows = 0 then
            v_step := 'viewers';
            v_after := '';
        end if;
    end if;

    if v_step = 'viewers' then
        v_last := (
            select max(o.viewer_key)
            from (
                select w.viewer_key
                from private.video_viewers as w
                where w.video_id = v_video_id and w.viewer_key > v_after
                order by w.viewer_key
                limit 5000
            ) as o
        );
        delete from private.video_viewers as w
        where
            w.video_id = v_video_id
            and w.viewer_key > v_after
            and w.viewer_key <= v_last;
        get diagnostics v_rows = row_count;
    end if;

    if v_rows = 0 then
        delete from public.videos as v
        where v.id = v_video_id;
        return 1;
    end if;

    update private.purge_progress as p
    set
        step = v_step,
        purged_up_to = v_last
    where p.video_id = v_video_id;
    return v_rows;
end
$$;

comment on function private.purge_deleted_videos() is
'Job: removes the rows of the video that was marked as deleted first, some 5000 of them; '
'gives their number, 0 when nothing is left. Held videos stay. Nobody waits for it.';

revoke all on function private.purge_deleted_videos()
from public, anon, authenticated, service_role;
