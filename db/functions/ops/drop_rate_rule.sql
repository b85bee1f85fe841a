create or replace function ops.drop_rate_rule(action text, per interval)
returns void
language plpgsql
set search_path = ''
as $$
begin
    -- What has no rule is an error for everybody.
    delete from private.rate_rules as r
    where
        r.action = drop_rate_rule.action
        and r.per = drop_rate_rule.per
        and exists (
            select
            from private.rate_rules as o
            where o.action = r.action and o.per <> r.per
        );

    if not found then
        raise exception
            '% has no rule for % but its last',
            drop_rate_rule.action, drop_rate_rule.per
            using
                errcode = 'no_data_found',
                hint = 'select * from ops.rate_rules shows them all.';
    end if;
end
$$;

comment on function ops.drop_rate_rule(text, interval) is
'Takes away one of several rules of an action. The last one stays; ops.set_rate_rule() '
'widens it. Errors: no_data_found.';

revoke all on function ops.drop_rate_rule(text, interval)
from public, anon, authenticated, service_role;
