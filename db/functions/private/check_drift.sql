create or replace function private.check_drift()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_began_at constant timestamptz := clock_timestamp();
    v_day date;
    v_videos bigint;
    v_drifted bigint;
begin
    -- The day that was checked longest ago: every day within as many hours as there are
    -- days. Chance would leave one in twelve out for a day and a half.
    select d.day into v_day
    from private.counted_days() as d (day)
    left join private.drift_checks as c on d.day = c.day
    group by d.day
    order by max(c.checked_at) nulls first, d.day
    limit 1;

    if not found then
        return 0;
    end if;

    select
        count(*),
        (select count(*) from private.drifted_counters(v_day))
    into v_videos, v_drifted
    from public.videos as v
    where
        v.id >= private.uuid_v7_floor(v_day::timestamp at time zone 'utc')
        and v.id < private.uuid_v7_floor((v_day + 1)::timestamp at time zone 'utc');

    insert into private.drift_checks (day, videos, drifted, took)
    values (v_day, v_videos, v_drifted, clock_timestamp() - v_began_at);

    delete from private.drift_checks as c
    where c.checked_at < now() - interval '90 days';

    if v_drifted > 0 then
        perform private.raise_alarm(
            'counter_drift',
            v_day::text,
            format(
                '%s counters are not what they count. Look: select * from '
                'ops.counter_drift where day = %L. Repair: select '
                'ops.repair_counters(day => %L).',
                v_drifted, v_day, v_day
            )
        );
    else
        update private.alarms as a
        set settled_at = now()
        where
            a.kind = 'counter_drift'
            and a.subject = v_day::text
            and a.settled_at is null;
    end if;
    return 0;
end
$$;

comment on function private.check_drift() is
'Job: counts the videos of one UTC day anew, the one that was checked longest ago, notes '
'in private.drift_checks how many counters differ, and raises an alarm when one does. '
'The alarm ends when the day is found in order. Always 0: once an hour is enough.';

revoke all on function private.check_drift()
from public, anon, authenticated, service_role;
