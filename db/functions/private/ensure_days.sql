create or replace function private.ensure_days()
returns integer
language plpgsql
set search_path = ''
as $$
begin
    while private.ensure_next_day() > 0 loop
        null;
    end loop;
    return 0;
end
$$;

comment on function private.ensure_days() is
'Makes the leaves of every visible day and seven days ahead, and their salts, in one '
'transaction: for a deploy. Always 0: there is nothing to repeat.';

revoke all on function private.ensure_days()
from public, anon, authenticated, service_role;
