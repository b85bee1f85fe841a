create or replace function private.drop_day(day date, attempts integer default 40)
returns boolean
language plpgsql
set search_path = ''
-- Dropping takes the strongest lock on the parent. Behind one slow reader it would
-- hold up every query for as long; so it gives way and tries again.
set lock_timeout = '50ms'
as $$
declare
    v_leaves constant text := (
        select string_agg(c.oid::regclass::text, ', ' order by c.relname)
        from pg_catalog.pg_class as c
        where
            c.relnamespace = 'partitions'::regnamespace
            and c.relname in (
                'video_likes_' || to_char(drop_day.day, 'YYYYMMDD'),
                'video_viewers_' || to_char(drop_day.day, 'YYYYMMDD')
            )
    );
begin
    if v_leaves is null then
        return true;
    end if;

    for v_attempt in 1..drop_day.attempts loop
        begin
            execute 'drop table ' || v_leaves;
            return true;
        exception
            when lock_not_available then
                null;
        end;
        exit when v_attempt = drop_day.attempts;
        perform pg_sleep(0.1);
    end loop;
    return false;
end
$$;

comment on function private.drop_day(date, integer) is
'Drops the leaves of a UTC day. True when they are gone; false when tables stayed busy: '
'each attempt waits at most 50 ms for a lock, with 100 ms between.';

revoke all on function private.drop_day(date, integer)
from public, anon, authenticated, service_role;
