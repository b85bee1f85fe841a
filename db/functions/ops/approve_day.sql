create or replace function ops.approve_day(day date)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update private.video_days as d
    set approved_at = now()
    where d.day = approve_day.day;

    if not found then
        raise exception 'no count of videos is noted for %', approve_day.day
            using errcode = 'no_data_found';
    end if;

    update private.alarms as a
    set settled_at = now()
    where
        a.kind = 'day_too_large'
        and a.subject = approve_day.day::text
        and a.settled_at is null;
end
$$;

comment on function ops.approve_day(date) is
'Says that a day with unusually many videos is right, so that it is retired like any '
'other. Errors: no_data_found.';

revoke all on function ops.approve_day(date)
from public, anon, authenticated, service_role;
