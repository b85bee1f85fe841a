create or replace function private.next_day_to_retire(after date default '-infinity')
returns date
language plpgsql
stable
set search_path = ''
as $$
declare
    v_first_kept constant date := (
        private.oldest_visible_at() at time zone 'utc'
    )::date;
    v_oldest_video constant uuid := (
        select v.id
        from public.videos as v
        where
            v.id < private.uuid_v7_floor(v_first_kept::timestamp at time zone 'utc')
            and (
                next_day_to_retire.after = '-infinity'
                or v.id >= private.uuid_v7_floor(
                    (next_day_to_retire.after + 1)::timestamp at time zone 'utc'
                )
            )
            and not exists (
                select from private.video_holds as h where h.video_id = v.id
            )
        order by v.id
        limit 1
    );
begin
    return (
        select min(d.day)
        from (
            select to_date(right(c.relname, 8), 'YYYYMMDD') as day
            from pg_catalog.pg_class as c
            where
                c.relnamespace = 'partitions'::regnamespace
                and c.relkind = 'r'
                and c.relname ~ '^video_(likes|viewers)_\d{8}$'
                -- The leaves of a held video stay until the hold is released.
                and not exists (
                    select
                    from private.video_holds as h
                    where
                        to_char(
                            private.uuid_v7_time(h.video_id) at time zone 'utc',
                            'YYYYMMDD'
                        ) = right(c.relname, 8)
                )
            union all
            select (private.uuid_v7_time(v_oldest_video) at time zone 'utc')::date
        ) as d
        where d.day < v_first_kept and d.day > next_day_to_retire.after
    );
end
$$;

comment on function private.next_day_to_retire(date) is
'The oldest UTC day that has outlived the retention to its last second and still has '
'leaves, or videos that nobody holds; later than a day when one is given. Null when '
'there is none.';

revoke all on function private.next_day_to_retire(date)
from public, anon, authenticated, service_role;
