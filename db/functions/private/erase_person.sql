create or replace function private.erase_person(user_id text, most integer)
returns integer
language plpgsql
set search_path = ''
-- Partitioned tables are met by range: the plan leaves out days when it runs.
set plan_cache_mode = force_generic_plan
as $$
declare
    v_alias constant text := (
        select e.alias from private.erasures as e where e.user_id = erase_person.user_id
    );
    v_viewer_key constant text := 'user:' || erase_person.user_id;
    v_left integer := erase_person.most;
    v_rows integer;
    v_ids uuid[];
    v_avatar text;
begin
    -- Its going orders the rest of the files, so it is there; locked, nobody publishes or
    -- comments under it meanwhile. The profile before the tickets, as everywhere.
    insert into public.user_profiles (user_id)
    values (erase_person.user_id)
    on conflict do nothing;
    select p.avatar into v_avatar
    from public.user_profiles as p
    where p.user_id = erase_person.user_id
    for update;

    -- Videos are deleted as by their owner, and have no owner from now on. What is held
    -- as evidence stays behind its mark, and the hold says whose it was.
    v_ids := array(
        select v.id
        from public.videos as v
        where v.user_id = erase_person.user_id
        order by v.id
        limit v_left
    );
    v_rows := cardinality(v_ids);
    if v_rows > 0 then
        insert into public.user_profiles (user_id)
        values (v_alias)
        on conflict do nothing;
        update private.video_holds as h
        set erased_user_id = erase_person.user_id
        where h.video_id = any (v_ids);
        update public.videos as v
        set
            user_id = v_alias,
            deleted_at = coalesce(v.deleted_at, now())
        where v.id = any (v_ids);
        perform private.order_files(v_ids, 'erased');
        v_left := v_left - v_rows;
    end if;

    v_ids := array(
        select l.video_id
        from public.video_likes as l
        where l.user_id = erase_person.user_id
        -- In this order, as retirement takes those of several videos.
        order by l.video_id
        limit v_left
        for update
    );
    delete from public.video_likes as l
    where
        l.user_id = erase_person.user_id
        and l.video_id between v_ids[1] and v_ids[cardinality(v_ids)];
    v_left := v_left - cardinality(v_ids);

    v_ids := array(
        select c.id
        from public.video_comments as c
        where c.user_id = erase_person.user_id
        order by c.video_id, c.id
        limit v_left
        for update
    );
    delete from public.video_comments as c
    where c.id = any (v_ids);
    v_left := v_left - cardinality(v_ids);

    -- A view was a view: the row stays, or the video's counter would be wrong, and nobody
    -- can tell any more whose it was, nor which two are one person's.
    v_ids := array(
        select w.video_id
        from private.video_viewers as w
        where w.viewer_key = v_viewer_key and w.viewer_key like 'user:%'
        order by w.video_id
        limit v_left
    );
    update private.video_viewers as w
    set viewer_key = 'erased:' || gen_random_uuid()
    where
        w.viewer_key = v_viewer_key
        and w.viewer_key like 'user:%'
        and w.video_id between v_ids[1] and v_ids[cardinality(v_ids)];
    v_left := v_left - cardinality(v_ids);

    v_ids := array(
        select r.video_id
        from private.video_reports as r
        where r.reporter_id = erase_person.user_id
        order by r.video_id
        limit v_left
    );
    delete from private.video_reports as r
    where
        r.reporter_id = erase_person.user_id
        and r.video_id between v_ids[1] and v_ids[cardinality(v_ids)];
    v_left := v_left - cardinality(v_ids);

    v_ids := array(
        select t.video_id
        from private.video_tombstones as t
        where t.user_id = erase_person.user_id
        order by t.video_id
        limit v_left
    );
    update private.video_tombstones as t
    set user_id = v_alias
    where
        t.user_id = erase_person.user_id
        and t.video_id between v_ids[1] and v_ids[cardinality(v_ids)];
    v_left := v_left - cardinality(v_ids);

    -- Whom others blocked is theirs to say, and protects them when he comes back.
    delete from public.user_blocks as b
    where
        b.user_id = erase_person.user_id
        and b.blocked_user_id in (
            select o.blocked_user_id
            from public.user_blocks as o
            where o.user_id = erase_person.user_id
            limit v_left
        );
    get diagnostics v_rows = row_count;
    v_left := v_left - v_rows;

    if v_left > 0 then
        delete from public.user_profiles as p
        where p.user_id = erase_person.user_id;
        update private.erasures as e
        set user_id = null
        where e.alias = v_alias;
        return erase_person.most - v_left + 1;
    end if;

    -- There is more. His name and picture do not wait for it.
    if v_avatar is not null then
        update public.user_profiles as p
        set avatar = null
        where p.user_id = erase_person.user_id;
        -- The update has ordered the file as a picture that was replaced: say better.
        perform private.order_file(t.file_path, t.file_id, 'erased')
        from private.upload_tickets as t
        where
            t.user_id = erase_person.user_id
            and t.purpose = 'avatar'
            and t.state = 'published'
            and right(v_avatar, char_length(t.file_path)) = t.file_path;
    end if;
    update public.user_profiles as p
    set
        username = null,
        verified = false
    where p.user_id = erase_person.user_id;
    return erase_person.most;
end
$$;

comment on function private.erase_person(text, integer) is
'Erases up to so many rows of a person named in private.erasures, videos first, and when '
'nothing is left his profile; gives their number. Counters stay exact.';

revoke all on function private.erase_person(text, integer)
from public, anon, authenticated, service_role;
