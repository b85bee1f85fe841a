create or replace function private.prepare_block()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    -- Clients are those whom policies bind; owners, jobs and restores are not.
    if row_security_active('public.user_blocks') then
        perform private.require_viewer();
    end if;

    if new.blocked_user_id = new.user_id then
        raise exception using
            errcode = 'PT400',
            message = 'cannot_block_yourself',
            detail = 'You cannot block yourself.';
    end if;
    if (new.blocked_user_id ~ '^[^[:cntrl:]]{1,255}$') is not true then
        raise exception using
            errcode = 'PT400',
            message = 'user_id_invalid',
            detail = 'A user id has 1 to 255 printable characters.';
    end if;

    -- Blocked already: nothing to do.
    if exists (
        select
        from public.user_blocks as b
        where b.user_id = new.user_id and b.blocked_user_id = new.blocked_user_id
    ) then
        return null;
    end if;
    return new;
end
$$;

comment on function private.prepare_block() is
'Trigger: skips a second block of the same person. '
'Errors: sign_in_required, cannot_block_yourself, user_id_invalid.';

revoke all on function private.prepare_block()
from public, anon, authenticated, service_role;
