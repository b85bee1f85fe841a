create or replace function private.guard_write()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    -- Clients are those whom policies bind, whoever they say they are. Owners, jobs and
    -- restores are not, nor the holder of the service key: he acts for a project, not
    -- for a person, and could delete what he may not add.
    if row_security_active(tg_relid) then
        if tg_level = 'STATEMENT' then
            perform private.refuse_suspended_viewer();
            return null;
        end if;
        perform private.spend_token(tg_argv[0]);
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;

comment on function private.guard_write() is
'Trigger, the first before a client''s write, twice on each table he may write: for each '
'statement, which a suspended person is refused even when it would change nothing; and '
'for each row, with its action in private.rate_rules, of which it counts as one go. '
'Errors: suspended, rate_limited, rate_rule_missing.';

revoke all on function private.guard_write()
from public, anon, authenticated, service_role;
