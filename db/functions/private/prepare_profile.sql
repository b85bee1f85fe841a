create or replace function private.prepare_profile()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
    new.username := nullif(lower(btrim(new.username)), '');
    new.avatar := nullif(btrim(new.avatar), '');

    if new.username !~ '^[a-z0-9_.]{3,30}$' then
        raise exception using
            errcode = 'PT400',
            message = 'username_invalid',
            detail = 'A username has 3 to 30 of the characters a-z, 0-9, _ and dot.';
    end if;
    if exists (
        select
        from public.user_profiles as p
        where p.username = new.username and p.user_id <> new.user_id
    ) then
        raise exception using
            errcode = 'PT409',
            message = 'username_taken',
            detail = 'Somebody else has this username.',
            hint = 'Choose another one.';
    end if;

    -- Clients are those whom policies bind; owners, jobs and restores are not.
    if
        row_security_active('public.user_profiles')
        and new.avatar is not null
        and new.avatar is distinct from old.avatar
        and not private.is_own_avatar(new.avatar)
    then
        raise exception using
            errcode = 'PT400',
            message = 'avatar_invalid',
            detail = 'An avatar is a file you uploaded with an avatar ticket.',
            hint = 'Open an upload with purpose avatar and send its URL.';
    end if;

    if tg_op = 'UPDATE' then
        new.updated_at := now();
    end if;
    return new;
end
$$;

comment on function private.prepare_profile() is
'Trigger: stores usernames in lower case, "" as null, and takes no foreign avatar. '
'Errors: username_invalid, username_taken, avatar_invalid.';

revoke all on function private.prepare_profile()
from public, anon, authenticated, service_role;
