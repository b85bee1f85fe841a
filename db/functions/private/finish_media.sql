create or replace function private.finish_media(
    order_ids bigint[],
    attempts integer[],
    note text default null
)
returns integer
language plpgsql
security definer -- media_worker holds no grant on orders
set search_path = ''
as $$
declare
    v_done record;
    v_lost text;
    v_rows integer := 0;
begin
    for v_done in
        update private.media_deletions as m
        set
            state = 'done',
            note = finish_media.note,
            leased_until = null,
            last_error = null,
            finished_at = now()
        from unnest(finish_media.order_ids, finish_media.attempts) as o (id, attempt)
        where
            m.id = o.id
            -- What the breaker stopped while it was carried out is done all the same.
            and m.state in ('queued', 'stopped')
            -- A worker whose lease has run out may not speak for the next one.
            and m.leases = o.attempt
        returning m.kind, m.target, m.reason
    loop
        v_rows := v_rows + 1;
        perform private.order_purge(v_done.kind, v_done.target, v_done.reason);
    end loop;

    -- Wanted again while it was carried out: nobody could know, and somebody must.
    for v_lost in
        update private.media_deletions as m
        set
            note = 'deleted all the same',
            leased_until = null
        from unnest(finish_media.order_ids, finish_media.attempts) as o (id, attempt)
        where
            m.id = o.id
            and m.kind = 'file'
            and m.state = 'cancelled'
            and m.leases = o.attempt
            and m.leased_until is not null
        returning m.target
    loop
        perform private.raise_alarm(
            'file_missing', v_lost,
            'The file was deleted while the order to delete it was being cancelled.'
        );
    end loop;
    return v_rows;
end
$$;

comment on function private.finish_media(bigint[], integer[], text) is
'Notes that ImageKit has carried orders out, or did not have what they name; each with '
'its lease, element by element. Orders the purges that are due, and raises an alarm for a '
'file whose order was cancelled meanwhile. Gives the number noted: less when another '
'worker has taken over.';

revoke all on function private.finish_media(bigint[], integer[], text)
from public, anon, authenticated, service_role;
grant execute on function private.finish_media(bigint[], integer[], text)
to media_worker;
