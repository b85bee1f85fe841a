create or replace function private.spend_token(action text)
returns void
language plpgsql
security definer -- no client may read or write rules and states
set search_path = ''
as $$
declare
    v_subject constant text := private.viewer_key();
    v_has_slot boolean;
    v_rules bigint;
    v_spent bigint;
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
    -- Who finds it empty writes nothing.
    with rules as (
        select
            r.action,
            r.per,
            r.step
        from private.rate_rules as r
        where r.action = spend_token.action
    ),

    spent as (
        insert into private.rate_states as s (subject, action, per, full_at)
        select
            v_subject,
            r.action,
            r.per,
            now() + r.step
        from rules as r
        -- Always in this order, or two calls with two rules wait for each other.
        order by r.per
        on conflict on constraint rate_states_pkey do update
        set full_at = greatest(s.full_at, now()) + (excluded.full_at - now())
        where greatest(s.full_at, now()) + (excluded.full_at - now()) <= now() + s.per
        returning s.per
    )

    select
        (select count(*) from rules),
        (select count(*) from spent)
    into v_rules, v_spent;

    if v_rules = 0 then
        raise exception using
            errcode = 'PT500',
            message = 'rate_rule_missing',
            detail = format('No rule says how often one may %s.', spend_token.action);
    end if;
    if v_spent < v_rules then
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
