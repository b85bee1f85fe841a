create or replace function private.kill_media(
    order_id bigint,
    attempt integer,
    error text
)
returns boolean
language plpgsql
security definer -- media_worker holds no grant on orders
set search_path = ''
as $$
declare
    v_target text;
begin
    update private.media_deletions as m
    set
        state = 'dead',
        last_error = left(kill_media.error, 500),
        leased_until = null
    where
        m.id = kill_media.order_id
        and m.state = 'queued'
        and m.leases = kill_media.attempt
    returning m.target into v_target;

    if v_target is null then
        return false;
    end if;
    perform private.raise_alarm(
        'media_dead',
        v_target,
        format('Order %s cannot be carried out: %s.', order_id, left(error, 200))
    );
    return true;
end
$$;

comment on function private.kill_media(bigint, integer, text) is
'Gives an order up at once that can never succeed, as with an id ImageKit calls '
'malformed, and raises an alarm. attempt: the number of its lease. False when another worker has taken over.';

revoke all on function private.kill_media(bigint, integer, text)
from public, anon, authenticated, service_role;
grant execute on function private.kill_media(bigint, integer, text)
to media_worker;
