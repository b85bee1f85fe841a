create or replace function private.refuse_suspended(user_id text)
returns void
language plpgsql
stable
set search_path = ''
as $$
declare
    v_suspension private.user_suspensions;
begin
    select * into v_suspension
    from private.user_suspensions as s
    where
        s.user_id = refuse_suspended.user_id
        and (s.ends_at is null or s.ends_at > now());

    if found then
        raise exception using
            errcode = 'PT403',
            message = 'suspended',
            detail = coalesce(
                'You are suspended until '
                || private.utc_text(v_suspension.ends_at) || '.',
                'You are suspended for good.'
            ),
            hint = 'You may read what everybody may, export your data and erase it.';
    end if;
end
$$;

comment on function private.refuse_suspended(text) is
'Passes when this person is not suspended; passes for null, who is nobody. '
'Errors: suspended, with the end in its detail.';

revoke all on function private.refuse_suspended(text)
from public, anon, authenticated, service_role;
