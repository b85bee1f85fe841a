create or replace function ops.set_rate_rule(action text, burst integer, per interval)
returns void
language plpgsql
set search_path = ''
as $$
begin
    if not exists (
        select from private.rate_rules as r where r.action = set_rate_rule.action
    ) then
        raise exception 'there is no action %', set_rate_rule.action
            using
                errcode = 'no_data_found',
                hint = 'select * from ops.rate_rules shows them all.';
    end if;

    insert into private.rate_rules as r (action, burst, per)
    values (
        set_rate_rule.action,
        set_rate_rule.burst,
        -- A day as 24 hours, whatever the time zone makes of it.
        make_interval(secs => extract(epoch from set_rate_rule.per)::float8)
    )
    on conflict on constraint rate_rules_pkey do update
    set burst = excluded.burst;
end
$$;

comment on function ops.set_rate_rule(text, integer, interval) is
'Lets one caller do something burst times in per, at once for everybody: '
'ops.set_rate_rule(''comment'', 20, ''1 minute''). Another per than those there are is a '
'rule beside them; ops.drop_rate_rule() takes one away. '
'Errors: no_data_found for an unknown action, check_violation for values out of range.';

revoke all on function ops.set_rate_rule(text, integer, interval)
from public, anon, authenticated, service_role;
