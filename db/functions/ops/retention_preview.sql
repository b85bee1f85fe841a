create or replace function ops.retention_preview(retention interval default null)
returns table (
    day date,
    videos bigint,
    held bigint,
    files bigint,
    file_bytes numeric,
    leaf_bytes numeric,
    needs_approval boolean
)
language plpgsql
stable
set search_path = ''
as $$
declare
    v_oldest_kept_at constant timestamptz := now() - coalesce(
        retention_preview.retention, private.retention()
    );
    v_first_kept constant date := (v_oldest_kept_at at time zone 'utc')::date;
begin
    if retention_preview.retention < interval '0' then
        raise exception 'a retention is not negative'
            using errcode = 'invalid_parameter_value';
    end if;

    return query
    with ending as (
        select
            (private.uuid_v7_time(v.id) at time zone 'utc')::date as day,
            h.video_id is not null as is_held,
            f.bytes,
            num_nonnulls(f.file_path, f.thumbnail_path) as files
        from public.videos as v
        left join private.video_holds as h on v.id = h.video_id
        left join private.video_files as f on v.id = f.video_id
        where
            v.id < private.uuid_v7_floor(
                v_first_kept::timestamp at time zone 'utc'
            )
            -- Rows aged by hand go by their date; those of the day that is ending, with
            -- their day.
            or (
                v.created_at <= v_oldest_kept_at
                and v.deleted_at is null
                and v.id >= private.uuid_v7_floor(
                    (v_first_kept + 1)::timestamp at time zone 'utc'
                )
            )
    ),
    counted as (
        select
            e.day,
            count(*) filter (where not e.is_held) as videos,
            count(*) filter (where e.is_held) as held,
            sum(e.files) filter (where not e.is_held) as files,
            sum(e.bytes) filter (where not e.is_held) as bytes
        from ending as e
        group by e.day
    ),
    stored as (
        select
            to_date(right(c.relname, 8), 'YYYYMMDD') as day,
            sum(pg_catalog.pg_total_relation_size(c.oid)) as bytes
        from pg_catalog.pg_class as c
        where
            c.relnamespace = 'partitions'::regnamespace
            and c.relkind = 'r'
            and c.relname ~ '^video_(likes|viewers)_\d{8}$'
            and to_date(right(c.relname, 8), 'YYYYMMDD') < v_first_kept
        group by 1
    )
    select
        coalesce(c.day, s.day),
        coalesce(c.videos, 0),
        coalesce(c.held, 0),
        coalesce(c.files, 0)::bigint,
        coalesce(c.bytes, 0),
        case when coalesce(c.held, 0) = 0 then coalesce(s.bytes, 0) else 0 end,
        coalesce(
            (
                select z.is_too_large
                from private.day_size(coalesce(c.day, s.day)) as z
            ),
            false
        )
    from counted as c
    full join stored as s on c.day = s.day
    order by 1;
end
$$;

comment on function ops.retention_preview(interval) is
'What would go, a row for each UTC day, if the job ran now to its end: with the '
'retention in force, or with another one before it is set. videos: those that would go; '
'held: those that would stay; files and file_bytes at ImageKit (the videos'' bytes, '
'without thumbnails); leaf_bytes of likes and viewers; needs_approval: the day waits for '
'ops.approve_day(day). Changes nothing. Errors: invalid_parameter_value.';

revoke all on function ops.retention_preview(interval)
from public, anon, authenticated, service_role;
