create or replace function private.postpone_media(
    order_ids bigint[],
    attempts integer[],
    error text,
    is_attempt boolean default true
)
returns integer
language plpgsql
security definer -- media_worker holds no grant on orders
set search_path = ''
as $$
declare
    v_postponed record;
    v_rows integer := 0;
begin
    for v_postponed in
        update private.media_deletions as m
        set
            attempts = case
                when postpone_media.is_attempt then m.attempts else m.attempts - 1
            end,
            -- Twelve tries, doubling from ten seconds to an hour, take some five hours.
            state = case
                when postpone_media.is_attempt and m.attempts >= 12 then 'dead'
                else m.state
            end,
            not_before = case
                when postpone_media.is_attempt
                    then now() + (0.5 + random()) * least(
                        interval '1 hour',
                        interval '5 seconds' * power(2, least(m.attempts, 12))
                    )
                else m.not_before
            end,
            last_error = left(postpone_media.error, 500),
            leased_until = null
        from unnest(postpone_media.order_ids, postpone_media.attempts) as o (id, attempt)
        where
            m.id = o.id
            and m.state = 'queued'
            and m.leases = o.attempt
        returning m.id, m.target, m.state
    loop
        v_rows := v_rows + 1;
        if v_postponed.state = 'dead' then
            perform private.raise_alarm(
                'media_dead',
                v_postponed.target,
                format(
                    'Order %s was given up: %s. Try again with '
                    'select ops.retry_media(%s).',
                    v_postponed.id, left(postpone_media.error, 200), v_postponed.id
                )
            );
        end if;
    end loop;
    return v_rows;
end
$$;

comment on function private.postpone_media(bigint[], integer[], text, boolean) is
'Gives leased orders back that could not be carried out, each with its lease, element '
'by element: due again after a growing wait, dead with an alarm after 12 attempts. '
'is_attempt false: it was not their fault (429, a stop), so nothing counts and they are '
'due at once. Gives the number given back.';

revoke all on function private.postpone_media(bigint[], integer[], text, boolean)
from public, anon, authenticated, service_role;
grant execute on function private.postpone_media(bigint[], integer[], text, boolean)
to media_worker;
