create or replace function private.may_retire_day(day date)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_settings private.settings;
    v_day private.video_days;
    v_days bigint;
    v_median numeric;
begin
    select * into v_settings
    from private.settings as s
    where s.singleton;

    select * into v_day
    from private.video_days as d
    where d.day = may_retire_day.day;

    select count(*), percentile_cont(0.5) within group (order by d.videos)
    into v_days, v_median
    from private.video_days as d
    where
        d.day <> may_retire_day.day
        and d.day >= may_retire_day.day - 30
        and d.day <= may_retire_day.day + 30;

    -- Fewer than five days have no usual size.
    if
        v_day.day is null
        or v_day.approved_at is not null
        or v_days < 5
        or v_day.videos <= v_settings.largest_day_floor
        or v_day.videos <= v_settings.largest_day_factor * v_median
    then
        return true;
    end if;

    perform private.raise_alarm(
        'day_too_large',
        may_retire_day.day::text,
        format(
            '%s videos, while the median day has %s: not retired by itself. If it is '
            'right: select ops.approve_day(%L).',
            v_day.videos, v_median, may_retire_day.day
        )
    );
    return false;
end
$$;

comment on function private.may_retire_day(date) is
'Is a day of the usual size, at most settings.largest_day_factor times the median of the '
'days around it, or approved by an administrator? Raises an alarm when not.';

revoke all on function private.may_retire_day(date)
from public, anon, authenticated, service_role;
