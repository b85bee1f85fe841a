create or replace function ops.retry_media(id bigint)
returns void
language plpgsql
set search_path = ''
as $$
declare
    v_id bigint;
begin
    -- Ordered once more since: the newer order is carried out, and this one is done with.
    update private.media_deletions as m
    set
        state = 'cancelled',
        finished_at = now(),
        note = 'ordered again'
    from private.media_deletions as o
    where
        m.id = retry_media.id
        and m.state in ('stopped', 'dead')
        and o.kind = m.kind
        and o.target = m.target
        and o.state = 'queued'
    returning o.id into v_id;

    update private.media_deletions as m
    set
        state = 'queued',
        attempts = 0,
        -- Whoever is at it now has no say any more.
        leases = m.leases + 1,
        not_before = now(),
        leased_until = null
    where
        m.id = coalesce(v_id, retry_media.id) and m.state in ('queued', 'stopped', 'dead');

    if not found then
        raise exception 'there is no unfinished order %', retry_media.id
            using errcode = 'no_data_found';
    end if;

    update private.alarms as a
    set settled_at = now()
    from private.media_deletions as m
    where
        m.id = retry_media.id
        and a.kind = 'media_dead'
        and a.subject = m.target
        and a.settled_at is null;
end
$$;

comment on function ops.retry_media(bigint) is
'Carries a deletion order out now that is dead, stopped by the breaker, or waits. '
'For all stopped ones: select ops.retry_media(s.id) from ops.media_stopped as s. '
'Errors: no_data_found.';

revoke all on function ops.retry_media(bigint)
from public, anon, authenticated, service_role;
