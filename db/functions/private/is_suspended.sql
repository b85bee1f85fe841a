create or replace function private.is_suspended(user_id text)
returns boolean
language plpgsql
stable
parallel safe
set search_path = ''
as $$
begin
    return exists (
        select
        from private.user_suspensions as s
        where
            s.user_id = is_suspended.user_id
            and (s.ends_at is null or s.ends_at > now())
    );
end
$$;

comment on function private.is_suspended(text) is
'Is this person suspended now? False for null, who is nobody.';

revoke all on function private.is_suspended(text)
from public, anon, authenticated, service_role;
