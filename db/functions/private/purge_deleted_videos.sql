create or replace function private.purge_deleted_videos()
returns integer
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
as $$
declare
    v_video_id uuid;
    v_rows integer;
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

    -- Children first, a few thousand at a time: one cascade over a loved video's rows
    -- would be one long transaction.
    delete from public.video_likes as l
    where
        l.video_id = v_video_id
        and l.user_id in (
            select o.user_id
            from public.video_likes as o
            where o.video_id = v_video_id
            order by o.user_id
            limit 5000
        );
    get diagnostics v_rows = row_count;
    if v_rows > 0 then
        return v_rows;
    end if;

    delete from public.video_comments as c
    where
        c.video_id = v_video_id
        and c.id in (
            select o.id
            from public.video_comments as o
            where o.video_id = v_video_id
            order by o.id
            limit 5000
        );
    get diagnostics v_rows = row_count;
    if v_rows > 0 then
        return v_rows;
    end if;

    delete from private.video_viewers as w
    where
        w.video_id = v_video_id
        and w.viewer_key in (
            select o.viewer_key
            from private.video_viewers as o
            where o.video_id = v_video_id
            order by o.viewer_key
            limit 5000
        );
    get diagnostics v_rows = row_count;
    if v_rows > 0 then
        return v_rows;
    end if;

    delete from public.videos as v
    where v.id = v_video_id;
    return 1;
end
$$;

comment on function private.purge_deleted_videos() is
'Job: removes the rows of the video that was marked as deleted first, up to 5000 of '
'them; gives their number, 0 when nothing is left. Held videos stay.';

revoke all on function private.purge_deleted_videos()
from public, anon, authenticated, service_role;
