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
            and m.state = 'queued'
            -- A worker whose lease has run out may not speak for the next one.
            and m.attempts = o.attempt
        returning m.kind, m.target, m.reason
    loop
        v_rows := v_rows + 1;
        perform private.order_purge(v_done.kind, v_done.target, v_done.reason);
    end loop;
    return v_rows;
end
$$;

comment on function private.finish_media(bigint[], integer[], text) is
'Notes that ImageKit has carried orders out, or did not have what they name; each with '
'its attempt, element by element. Orders the purges that are due. Gives the number noted: '
'less when another worker has taken over.';

revoke all on function private.finish_media(bigint[], integer[], text)
from public, anon, authenticated, service_role;
grant execute on function private.finish_media(bigint[], integer[], text)
to media_worker;
