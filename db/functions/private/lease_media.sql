create or replace function private.lease_media(kind text, batch integer default 100)
returns table (
    order_id bigint,
    target text,
    file_id text,
    attempt integer,
    is_whole boolean
)
language plpgsql
security definer -- media_worker holds no grant on orders, files and settings
set search_path = ''
as $$
declare
    -- The day of a folder must have outlived the retention, and a day more.
    v_last_free_day constant date := (
        (private.oldest_visible_at() - interval '1 day') at time zone 'utc'
    )::date;
    -- What is older is being retired, and its rows are about to go.
    v_first_kept constant uuid := private.uuid_v7_floor(
        date_trunc('day', private.oldest_visible_at() at time zone 'utc')
        at time zone 'utc'
    );
begin
    if not private.may_call_media() then
        return;
    end if;

    return query
    update private.media_deletions as m
    set
        attempts = m.attempts + 1,
        leases = m.leases + 1,
        -- Longer than the slowest call, which deletes a folder within five minutes.
        leased_until = now() + interval '6 minutes'
    from (
        select d.id
        from private.media_deletions as d
        where
            d.kind = lease_media.kind
            and d.state = 'queued'
            and d.not_before <= now()
            and (d.leased_until is null or d.leased_until <= now())
            -- Whatever an order says, only an old enough day or an hour of it goes whole.
            and (
                d.kind <> 'folder'
                or (
                    d.target ~ '^/videos/\d{4}-\d{2}-\d{2}(/\d{2})?$'
                    and substr(d.target, 9, 10) <= to_char(v_last_free_day, 'YYYY-MM-DD')
                    -- A day takes all hours along: it waits until nothing is below it.
                    and (d.target ~ '/\d{2}$' or private.is_day_free(d.target))
                    -- A large day is retired batch by batch: its folders wait for the
                    -- last one, instead of being taken apart meanwhile.
                    and not exists (
                        select
                        from private.video_files as f
                        inner join public.videos as v on f.video_id = v.id
                        where
                            (f.folder = d.target or f.thumbnail_folder = d.target)
                            and v.id < v_first_kept
                            and v.deleted_at is null
                            and not exists (
                                select
                                from private.video_holds as h
                                where h.video_id = v.id
                            )
                    )
                )
            )
            -- What is kept as evidence outlives its owner's delete too. And what a video
            -- needs is never deleted, also when its row came back past every trigger, as
            -- with pg_restore --disable-triggers.
            and not exists (
                select
                from private.video_files as f
                inner join public.videos as v on f.video_id = v.id
                where
                    d.kind = 'file'
                    and d.target in (f.file_path, f.thumbnail_path)
                    and (
                        v.deleted_at is null
                        or exists (
                            select from private.video_holds as h where h.video_id = v.id
                        )
                    )
            )
        order by d.not_before, d.id
        limit lease_media.batch
        for update skip locked
    ) as due
    where m.id = due.id
    returning
        m.id,
        m.target,
        m.file_id,
        m.leases,
        m.kind <> 'folder' or private.is_folder_free(m.target);
end
$$;

comment on function private.lease_media(text, integer) is
'Orders of one kind (file, folder, purge) to carry out now, for six minutes; nothing '
'while workers are paused or stopped. Name order_id and attempt, the number of the lease, '
'when telling what came of it. The files of a held video wait for its release, an hour''s '
'folder for the retirement of its day to end, a day''s until nothing is below it. A folder that is not whole still has something in it that stays: list it and call '
'private.split_media_folder() instead of deleting it.';

revoke all on function private.lease_media(text, integer)
from public, anon, authenticated, service_role;
grant execute on function private.lease_media(text, integer)
to media_worker;
