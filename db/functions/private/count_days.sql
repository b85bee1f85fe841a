create or replace function private.count_days()
returns integer
language plpgsql
set search_path = ''
as $$
begin
    insert into private.video_days (day, videos)
    select
        d.day::date,
        (
            select count(*)
            from public.videos as v
            where
                v.id >= private.uuid_v7_floor(d.day at time zone 'utc')
                and v.id < private.uuid_v7_floor(
                    (d.day + interval '1 day') at time zone 'utc'
                )
        )
    from generate_series(
        date_trunc('day', private.oldest_visible_at() at time zone 'utc'),
        date_trunc('day', now() at time zone 'utc') - interval '1 day',
        interval '1 day'
    ) as d (day)
    where not exists (
        select from private.video_days as o where o.day = d.day::date
    )
    on conflict do nothing;

    delete from private.video_days as d
    where d.day < (now() at time zone 'utc')::date - 400;
    return 0;
end
$$;

comment on function private.count_days() is
'Job: notes how many videos each past day brought that is not noted yet. Always 0: '
'there is nothing to repeat.';

revoke all on function private.count_days()
from public, anon, authenticated, service_role;
