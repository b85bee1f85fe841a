create or replace function private.may_retire_day(day date)
returns boolean
language plpgsql
set search_path = ''
as $$
declare
    v_size record;
begin
    select * into v_size
    from private.day_size(may_retire_day.day);

    if not v_size.is_too_large then
        return true;
    end if;

    perform private.raise_alarm(
        'day_too_large',
        may_retire_day.day::text,
        format(
            '%s videos, while the median day has %s: not retired by itself. If it is '
            'right: select ops.approve_day(%L).',
            v_size.videos, v_size.median, may_retire_day.day
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
