create or replace function private.spend_token(action text)
returns void
language plpgsql
security definer -- no client may read or write rules and states
set search_path = ''
as $$
declare
    v_subject constant text := private.viewer_key();
    v_has_slot boolean;
    v_rule record;
begin
    -- Calls of one person wait for each other at his row, each with a connection of a
    -- pool in its hands. Three may; a fourth is turned away at once, and the pool is
    -- free for others. By person, not by action: or many actions take the whole pool.
    for v_slot in 0..2 loop
        v_has_slot := pg_try_advisory_xact_lock(
            hashtextextended('private.spend_token:' || v_subject, v_slot)
        );
        exit when v_has_slot;
    end loop;
    if not v_has_slot then
        perform private.raise_try_later(
            'rate_limited', 'Too many calls of yours at the same time.', interval '1 s'
        );
    end if;

    -- A bucket that fills evenly, written as the time at which it will be full (GCRA).
    -- Who finds it empty writes nothing. Always in this order, or two calls with two
    -- rules wait for each other.
    for v_rule in
        select
            r.per,
            r.step
        from private.rate_rules as r
        where r.action = spend_token.action
        order by r.per
    loop
        insert into private.rate_states as s (subject, action, per, full_at)
        values (v_subject, spend_token.action, v_rule.per, now() + v_rule.step)
        on conflict on constraint rate_states_pkey do update
        set full_at = greatest(s.full_at, now()) + v_rule.step
        where greatest(s.full_at, now()) + v_rule.step <= now() + s.per;

        if not found then
            -- What was spent of the other rules is given back: the statement fails.
            perform private.raise_try_later(
                'rate_limited',
                'You have done this too often in a short time.',
                (
                    select max(s.full_at + r.step - r.per) - now()
                    from private.rate_rules as r
                    inner join private.rate_states as s
                        on r.action = s.action and r.per = s.per
                    where r.action = spend_token.action and s.subject = v_subject
                )
            );
        end if;
    end loop;

    if not found then
        raise exception using
            errcode = 'PT500',
            message = 'rate_rule_missing',
            detail = format('No rule says how often one may %s.', spend_token.action);
    end if;
end
$$;

comment on function private.spend_token(text) is
'Counts one go of the caller (private.viewer_key()) at an action of private.rate_rules. '
'When the transaction fails it was none: what must count all the same is a statement of '
'its own. Errors: rate_limited (429, with Retry-After), when a rule is used up or three '
'calls of the caller are under way; rate_rule_missing.';

revoke all on function private.spend_token(text)
from public, anon, authenticated, service_role;
grant execute on function private.spend_token(text)
to anon, authenticated, service_role;
