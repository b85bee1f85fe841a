create or replace function private.ensure_days()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_today constant date := (now() at time zone 'utc')::date;
    v_first constant date := ((now() - private.retention()) at time zone 'utc')::date;
    v_day date;
    v_missing integer := 0;
begin
    -- Also the past days that are still visible: a restored video wants its likes.
    for v_day in
        select d.day::date
        from generate_series(v_first, v_today + 7, interval '1 day') as d (day)
    loop
        if not private.ensure_day(v_day) then
            v_missing := v_missing + 1;
        end if;
    end loop;

    insert into private.daily_salts (day, salt)
    select
        d.day::date,
        decode(replace(
            gen_random_uuid()::text || gen_random_uuid()::text, '-', ''
        ), 'hex')
    from generate_series(v_today, v_today + 7, interval '1 day') as d (day)
    on conflict do nothing;

    delete from private.daily_salts as s
    where s.day < v_today - 1;

    if v_missing > 0 then
        raise warning '% days have no leaves yet: tables stayed busy', v_missing
            using hint = 'Run select private.ensure_days() again.';
    end if;
    return 0;
end
$$;

comment on function private.ensure_days() is
'Job: makes the leaves of every visible day and seven days ahead, and their salts. '
'Always 0: there is nothing to repeat.';

revoke all on function private.ensure_days()
from public, anon, authenticated, service_role;
