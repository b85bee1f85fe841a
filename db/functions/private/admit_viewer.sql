create or replace function private.admit_viewer(action text)
returns void
language plpgsql
set search_path = ''
as $$
begin
    perform private.refuse_suspended_viewer();
    perform private.spend_token(admit_viewer.action);
end
$$;

comment on function private.admit_viewer(text) is
'What every write of a client meets first, for functions that write with other rights '
'than the caller''s: he is not suspended, and has not done this too often. Tables have '
'private.guard_write() for it. Errors: suspended, rate_limited, rate_rule_missing.';

revoke all on function private.admit_viewer(text)
from public, anon, authenticated, service_role;
grant execute on function private.admit_viewer(text)
to anon, authenticated, service_role;
