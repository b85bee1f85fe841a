create or replace function ops.cancel_media(id bigint)
returns void
language plpgsql
set search_path = ''
as $$
begin
    update private.media_deletions as m
    set
        state = 'cancelled',
        finished_at = now()
    where m.id = cancel_media.id and m.state in ('queued', 'stopped', 'dead');

    if not found then
        raise exception 'there is no unfinished order %', cancel_media.id
            using errcode = 'no_data_found';
    end if;

    update private.alarms as a
    set settled_at = now()
    from private.media_deletions as m
    where
        m.id = cancel_media.id
        and a.kind = 'media_dead'
        and a.subject = m.target
        and a.settled_at is null;
end
$$;

comment on function ops.cancel_media(bigint) is
'Forgets a deletion order: the file stays at ImageKit. Errors: no_data_found.';

revoke all on function ops.cancel_media(bigint)
from public, anon, authenticated, service_role;
