create or replace function private.day_leaves(day date)
returns regclass[]
language plpgsql
stable
set search_path = ''
as $$
begin
    return array(
        select c.oid::regclass
        from pg_catalog.pg_class as c
        where
            c.relnamespace = 'partitions'::regnamespace
            and c.relname in (
                'video_likes_' || to_char(day_leaves.day, 'YYYYMMDD'),
                'video_viewers_' || to_char(day_leaves.day, 'YYYYMMDD')
            )
        order by c.relname
    );
end
$$;

comment on function private.day_leaves(date) is
'The leaves of a UTC day that are there: none, one or two, that of likes first.';

revoke all on function private.day_leaves(date)
from public, anon, authenticated, service_role;
