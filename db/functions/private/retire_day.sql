create or replace function private.retire_day(day date)
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_from constant uuid := private.uuid_v7_floor(
        retire_day.day::timestamp at time zone 'utc'
    );
    v_to constant uuid := private.uuid_v7_floor(
        (retire_day.day + 1)::timestamp at time zone 'utc'
    );
    v_ids uuid[];
begin
    if retire_day.day >= (private.oldest_visible_at() at time zone 'utc')::date then
        raise exception '% is too young to be retired', retire_day.day
            using hint = 'A day is retired when its last second has outlived the '
                'retention.';
    end if;

    v_ids := array(
        select v.id
        from public.videos as v
        where
            v.id >= v_from
            and v.id < v_to
            and not exists (
                select from private.video_holds as h where h.video_id = v.id
            )
        order by v.id
        limit 1000
        for update skip locked
    );
    perform private.order_retired_folders(v_ids, retire_day.day);
    perform private.order_files(v_ids, 'retired');

    -- The leaves go first, so that deleting videos cascades into nothing. Those of a
    -- day with a held video stay as long as the hold.
    if not exists (
        select
        from private.video_holds as h
        where h.video_id >= v_from and h.video_id < v_to
    ) then
        perform private.fold_video(d.video_id)
        from (
            select distinct p.video_id
            from private.video_deltas as p
            where p.video_id >= v_from and p.video_id < v_to
        ) as d;

        if not private.drop_day(retire_day.day) then
            raise warning 'the leaves of % are in use', retire_day.day
                using hint = 'The next run tries again.';
        end if;
    end if;

    delete from public.videos as v
    where v.id = any (v_ids);
    return cardinality(v_ids);
end
$$;

comment on function private.retire_day(date) is
'Takes one batch of a UTC day''s videos away after the retention: orders their files, '
'drops the day''s leaves, deletes up to 1000 videos and leaves tombstones. Gives the '
'number of videos; call it until it is 0. Held videos stay, and their day''s leaves.';

revoke all on function private.retire_day(date)
from public, anon, authenticated, service_role;
