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
    v_leaf constant regclass := (private.day_leaves(retire_day.day))[1];
begin
    if retire_day.day >= (private.oldest_visible_at() at time zone 'utc')::date then
        raise exception '% is too young to be retired', retire_day.day
            using hint = 'A day is retired when its last second has outlived the '
                'retention.';
    end if;

    -- The leaves go first, so that deleting videos cascades into nothing; each alone,
    -- since nobody reads its parent until we commit. Those of a day with a held video
    -- stay as long as the hold.
    if
        v_leaf is not null
        and not exists (
            select
            from private.video_holds as h
            where h.video_id >= v_from and h.video_id < v_to
        )
    then
        if private.drop_leaf(v_leaf) then
            return 1;
        end if;
        raise warning 'the leaves of % are in use', retire_day.day
            using hint = 'The next run tries again.';
        return 0;
    end if;

    return private.retire_videos(
        array(
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
        ),
        retire_day.day
    );
end
$$;

comment on function private.retire_day(date) is
'Does one step of retiring a UTC day: drops one of its leaves, or, when they are gone, '
'orders the files of up to 1000 videos deleted and removes them, leaving tombstones. '
'Gives the number of leaves or videos that went, 0 when there is nothing left to do or '
'tables stayed busy. Held videos stay, and their day''s leaves. '
'ops.retire_day(day) does the whole day.';

revoke all on function private.retire_day(date)
from public, anon, authenticated, service_role;
