create or replace function private.day_size(
    day date,
    out videos bigint,
    out median numeric,
    out is_too_large boolean
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_settings private.settings;
    v_approved_at timestamptz;
    v_days bigint;
begin
    select * into v_settings
    from private.settings as s
    where s.singleton;

    select
        d.videos,
        d.approved_at
    into day_size.videos, v_approved_at
    from private.video_days as d
    where d.day = day_size.day;

    select
        count(*),
        percentile_cont(0.5) within group (order by d.videos)
    into v_days, day_size.median
    from private.video_days as d
    where
        d.day <> day_size.day
        and d.day >= day_size.day - 30
        and d.day <= day_size.day + 30;

    -- Fewer than five days have no usual size, and a day nobody counted has none.
    day_size.is_too_large := coalesce(
        v_approved_at is null
        and v_days >= 5
        and day_size.videos > v_settings.largest_day_floor
        and day_size.videos > v_settings.largest_day_factor * day_size.median,
        false
    );
end
$$;

comment on function private.day_size(date) is
'How many videos a past UTC day brought, how many the median of the days around it, and '
'whether it is larger than settings.largest_day_factor times that with nobody having '
'approved it. {videos, median, is_too_large}; nulls when nobody counted.';

revoke all on function private.day_size(date)
from public, anon, authenticated, service_role;
