create or replace function private.ensure_next_day()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_today constant date := (now() at time zone 'utc')::date;
    v_first constant date := (private.oldest_visible_at() at time zone 'utc')::date;
    v_missing date[];
begin
    -- What is published now comes first, then the days to come, then the past ones that
    -- are still visible: a restored video, or one a longer retention shows, wants likes.
    v_missing := array(
        select d.day::date
        from generate_series(v_first, v_today + 7, interval '1 day') as d (day)
        where cardinality(private.day_leaves(d.day::date)) < 2
        order by d.day::date < v_today, abs(d.day::date - v_today)
    );

    if cardinality(v_missing) > 0 then
        -- One, and then commit: until then nobody writes videos.
        if private.ensure_day(v_missing[1]) then
            return 1;
        end if;
        raise warning '% days have no leaves yet: tables stayed busy',
            cardinality(v_missing)
            using hint = 'Run select private.ensure_days() again.';
    end if;

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
    return 0;
end
$$;

comment on function private.ensure_next_day() is
'Job: makes the leaves of one day that has none, of all that are visible and seven ahead; '
'when none is missing, the salts of the days to come. 1 when it made a day, 0 when '
'there is nothing left to do or tables stayed busy.';

revoke all on function private.ensure_next_day()
from public, anon, authenticated, service_role;
