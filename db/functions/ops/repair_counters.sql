create or replace function ops.repair_counters(
    video_id uuid default null,
    day date default null,
    most integer default 1000
)
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_drifted uuid[];
    v_locked uuid[];
    v_video_id uuid;
    v_repaired integer := 0;
begin
    if repair_counters.video_id is null then
        v_drifted := array(
            select distinct c.video_id
            from ops.counter_drift as c
            where c.day = coalesce(repair_counters.day, c.day)
            order by c.video_id
            limit repair_counters.most
        );
        -- Several rows are locked without waiting: nobody can deadlock with us.
        v_locked := array(
            select v.id
            from public.videos as v
            where v.id = any (v_drifted)
            order by v.id
            for no key update skip locked
        );
    else
        v_locked := array(
            select v.id
            from public.videos as v
            where
                v.id = repair_counters.video_id
                and (private.uuid_v7_time(v.id) at time zone 'utc')::date in (
                    select d.day from private.counted_days() as d (day)
                )
            for no key update
        );
        if cardinality(v_locked) = 0 then
            raise exception 'there is nothing to count for a video %',
                repair_counters.video_id
                using
                    errcode = 'no_data_found',
                    hint = 'It is unknown, or the leaves of its day are gone.';
        end if;
    end if;

    foreach v_video_id in array v_locked loop
        if private.recount_video(v_video_id) then
            v_repaired := v_repaired + 1;
        end if;
    end loop;
    return v_repaired;
end
$$;

comment on function ops.repair_counters(uuid, date, integer) is
'Sets counters that have drifted to what their rows add up to, also under load: of one '
'video, of those of one UTC day, or of all that ops.counter_drift shows, at most 1000 '
'unless told otherwise. Gives how many videos it repaired; call it until that is 0. '
'One video is waited for; among several those are left out that another transaction '
'has. Owners cannot change or delete what it repairs until it commits; everybody else '
'goes on. Errors: no_data_found.';

revoke all on function ops.repair_counters(uuid, date, integer)
from public, anon, authenticated, service_role;
