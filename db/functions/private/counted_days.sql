create or replace function private.counted_days()
returns setof date
language plpgsql
stable
set search_path = ''
as $$
begin
    return query
    select to_date(right(c.relname, 8), 'YYYYMMDD') as day
    from pg_catalog.pg_class as c
    where
        c.relnamespace = 'partitions'::regnamespace
        and c.relkind = 'r'
        and c.relname ~ '^video_(likes|viewers)_\d{8}$'
    group by right(c.relname, 8)
    having
        count(*) = 2
        and to_date(right(c.relname, 8), 'YYYYMMDD') <= (now() at time zone 'utc')::date
    order by day;
end
$$;

comment on function private.counted_days() is
'The UTC days up to today whose likes and viewers are there to be counted.';

revoke all on function private.counted_days()
from public, anon, authenticated, service_role;
