create or replace function private.prune_rate_states()
returns integer
language plpgsql
set search_path = ''
as $$
declare
    v_rows integer;
begin
    -- No index on the time: it would change with every write of everybody.
    delete from private.rate_states as s
    where (s.subject, s.action, s.per) in (
        select
            o.subject,
            o.action,
            o.per
        from private.rate_states as o
        where o.full_at <= now()
        limit 20000
        for update skip locked
    );
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.prune_rate_states() is
'Job: forgets up to 20 000 callers who have everything back, as if they had never come; '
'their number.';

revoke all on function private.prune_rate_states()
from public, anon, authenticated, service_role;
